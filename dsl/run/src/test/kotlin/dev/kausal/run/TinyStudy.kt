package dev.kausal.run

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.Contrasts
import dev.kausal.dsl.ContrastsScope
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.FakeTokenizer
import dev.kausal.dsl.Model
import dev.kausal.dsl.ablate
import dev.kausal.dsl.behaviour
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.facts
import dev.kausal.dsl.headDifference
import dev.kausal.dsl.inTestFile
import dev.kausal.dsl.jointAblation
import dev.kausal.dsl.last
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.lowest
import dev.kausal.dsl.patch
import dev.kausal.dsl.perTemplate
import dev.kausal.dsl.rankCorrelation
import dev.kausal.dsl.script
import dev.kausal.dsl.sweep
import dev.kausal.engine.model.HookedModel
import dev.kausal.spec.ModelShape
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import java.nio.file.Path
import java.util.IdentityHashMap

/** Random weights: nobody's facts, but every rule of a run holds. */
val tinyLlama: Path = Path.of("../../engine/src/test/resources/tiny/llama")

/** One for each model that a test opens: it numbers words as they come, and small models have few. */
private val tokenizers = IdentityHashMap<HookedModel, FakeTokenizer>()

/** [words] as a script on [model], whose prompts are made of any words. */
fun tinyStudy(
    model: HookedModel,
    words: ExperimentScope.(Model<CausalLm>) -> Unit,
): BoundExperiment {
    val config = model.config()
    val shape =
        ModelShape(
            config.layers(),
            config.heads(),
            config.keyValueHeads(),
            config.dModel(),
            config.dHead(),
            config.dMlp(),
            config.vocabulary(),
            config.context(),
        )
    val tokenizer = tokenizers.getOrPut(model) { FakeTokenizer() }
    return inTestFile { script(words).bind(facts(tokenizer = tokenizer, shape = shape)) }
}

/** Contrasts whose prompts differ in both words of the subject, and are equally long. */
fun ExperimentScope.tinyPairs(count: Int): Contrasts<CausalLm> =
    contrasts {
        repeat(count) { i ->
            contrast(
                clean = "the [a$i b$i] is in the city of",
                answer = " x$i",
                corrupted = "the [c$i d$i] is in the city of",
                foil = " y$i",
                label = "example $i",
            )
        }
    }

/** The result called [name]. */
fun Results.named(name: String): Result = results.first { it.name == name }

/** Sweeps over heads, and what builds on them. */
fun headStudy(model: HookedModel): BoundExperiment =
    tinyStudy(model) {
        val set = contrasts { words() }
        val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
        val patched by sweep(set, logitDifference) {
            each(heads) { head -> patch(from = clean, to = corrupted, head).at(last) }
        }
        val differs by headDifference(set)
        val said by behaviour(set, by = perTemplate)
        val joint by jointAblation(set, logitDifference, needed, order = lowest, sizes = 1..3, draws = 19)
        val agreement by rankCorrelation(needed, patched, differs)
        report { heatmap(agreement) }
    }

/** The patches of example [index] at every position of its corrupted prompt, one by one. */
fun byPosition(
    model: HookedModel,
    index: Int,
): BoundExperiment =
    tinyStudy(model) {
        inference(controls = false)
        val own = contrasts { one(index) }
        val single by sweep(own, logitDifference) {
            each(positions) { position -> patch(from = clean, to = corrupted, 1).at(position) }
        }
        report { lines(single) }
    }

private val subjects = listOf("a b c", "d e", "f g h i", "j", "k l m", "n o", "p q r", "s t u")

private fun ContrastsScope.one(index: Int) {
    val other = subjects[if (index == 0) 4 else (index + 3) % subjects.size]
    contrast(
        clean = "the [${subjects[index]}] is in the city of",
        answer = " x$index",
        corrupted = "the [$other] is in the city of",
        foil = " y$index",
        label = "example $index",
        template = if (index % 2 == 0) "even" else "odd",
    )
}

/** Facts whose subjects are one to four words, so that prompts differ in length. */
fun ContrastsScope.words() = subjects.indices.forEach { one(it) }
