package dev.kausal.run

import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.ImageClassifier
import dev.kausal.dsl.answer
import dev.kausal.dsl.debugPrediction
import dev.kausal.dsl.declared
import dev.kausal.dsl.gradientAttention
import dev.kausal.dsl.imageFolder
import dev.kausal.dsl.mistaken
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.dsl.on
import dev.kausal.dsl.rollout
import dev.kausal.dsl.tinyFolder
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.inputs.ClassifierOutputs
import dev.kausal.run.inputs.EngineInputs
import dev.kausal.spec.Result
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldStartWith

class DebugReadingTest :
    FunSpec({
        test("only the mistakes that the model is surest of are kept, and every other image says why it is not") {
            val names = List(12) { "$it.png" }
            val words: ExperimentScope.() -> Unit = {
                val vit = model<ImageClassifier>("tiny")
                val all = images(vit) { names.forEach { image(it, label = "2") } }
                val wrong = all.filter(mistaken(atMost = 2))
                val why by debugPrediction(wrong, patches = 2, heads = 1)
                report { debug(why) }
            }
            declared(imageFolder(*names.toTypedArray()), words).on(tinyFolder("timm-vit", null)) { bound, opened ->
                val results = bound.run(opened, PlainExecutor())
                val all = bound.spec.contrasts.single().contrasts
                val logits = all.map {
                    ClassifierOutputs(LocalBackend(opened, PlainExecutor()), EngineInputs(bound.inputs()))
                        .logits(it.clean)
                }
                val wrong = logits.indices.filter { i -> logits[i].indices.maxBy { logits[i][it] } != 2 }
                val surest =
                    wrong.sortedByDescending { ClassifierOutputs.probabilities(logits[it]).max() }.take(2).sorted()
                val filter = results.filters.single()
                filter.kept shouldBe surest
                filter.rule shouldBe "mistaken(atMost = 2)"
                val reasons = filter.dropped.groupingBy { it.reason }.eachCount()
                (reasons["the model is right about it"] ?: 0) shouldBe 12 - wrong.size
                (reasons["the model is wrong about it, but less sure than of the 2 kept"] ?: 0) shouldBe wrong.size - 2
                val why = results.results.first { it.name == "why" }
                why.examples shouldBe surest.map { all[it].label }
            }
        }

        test("without labels nobody can say what a mistake is") {
            val words: ExperimentScope.() -> Unit = {
                val vit = model<ImageClassifier>("tiny")
                val wrong = images(vit) { image("a.png") }.filter(mistaken())
                val rolled by rollout(wrong)
                report { imageMap(rolled) }
            }
            val e =
                shouldThrow<ScriptMistakes> {
                    declared(imageFolder("a.png"), words).on(tinyFolder("timm-vit", null)) { _, _ -> }
                }
            e.mistakes.single().message shouldStartWith "mistaken() needs an answer, which \"a.png\" lacks"
        }

        for (model in listOf("vit", "timm-deit-distilled", "timm-vit-gap")) {
            test("$model: an image's right class against its rival") {
                val right = if (model == "vit") "LABEL_2" else "2"
                val words: ExperimentScope.() -> Unit = {
                    val vit = model<ImageClassifier>("tiny")
                    val seen =
                        images(vit) {
                            image("a.png", label = right)
                            image("b.png", label = right)
                        }
                    val why by debugPrediction(seen, patches = 2, heads = 1)
                    val weighted by gradientAttention(seen, of = answer)
                    report { debug(why) }
                }
                declared(imageFolder("a.png", "b.png"), words).on(tinyFolder(model, null)) { bound, opened ->
                    val results = bound.run(opened, BatchedExecutor(1L shl 26)).results
                    val found = results.associateBy { it.name }
                    results.map { it.name } shouldContainExactly
                        listOf(
                            "why",
                            "why.probabilities",
                            "why.random",
                            "why.maps",
                            "why.attribution",
                            "why.patches",
                            "weighted",
                        )
                    bound.spec.figures.map { it.of }.toSet() shouldBe
                        found.keys - listOf("weighted", "why.probabilities", "why.random")
                    val inputs = EngineInputs(bound.inputs())
                    val contrasts = bound.spec.contrasts.single().contrasts
                    contrasts.forEachIndexed { example, contrast ->
                        val outputs = ClassifierOutputs(LocalBackend(opened, PlainExecutor()), inputs)
                        val logits = outputs.logits(contrast.clean)
                        val rival = logits.indices.filter { it != 2 }.maxBy { logits[it] }
                        checked(found, example, logits[2].toDouble(), logits[rival].toDouble())
                    }
                    found.getValue("why").notes[0] shouldStartWith "a.png: class "
                    found.getValue("why").audit!!.unchanged shouldBe 0
                    val exact = bound.run(opened, PlainExecutor()).results.first().perExample.flatten()
                    found.getValue("why").perExample.flatten().zip(exact).forEach { (a, b) ->
                        a!! shouldBe (b!! plusOrMinus 1e-5)
                    }
                    found.getValue("weighted").perExample[0].sumOf { it!! } shouldBeGreaterThan 0.0
                }
            }
        }
    })

private fun checked(
    found: Map<String, Result>,
    example: Int,
    right: Double,
    rival: Double,
) {
    val why = found.getValue("why")
    why.shape shouldBe listOf(7, 2)
    why.perExample[example][0]!! shouldBe (right plusOrMinus 1e-5)
    why.perExample[example][1]!! shouldBe (rival plusOrMinus 1e-5)
    why.perExample[example][2] shouldNotBe why.perExample[example][0]
    val random = found.getValue("why.random")
    random.shape shouldBe listOf(20, 2)
    random.perExample[example].chunked(2).distinct().size shouldBeGreaterThan 5
    random.perExample[example].filterIndexed { i, _ -> i % 2 == 0 }.map { it!! }.average() shouldBe
        (why.perExample[example][8]!! plusOrMinus 1e-6)
    found.getValue("why.probabilities").perExample[example].sumOf { it!! } shouldBe (1.0 plusOrMinus 1e-6)
    val maps = found.getValue("why.maps")
    maps.shape shouldBe listOf(4, 3, 3)
    // What the right class's map shows is gradient-weighted attention of the answer.
    val weighted = found.getValue("weighted").perExample[example]
    maps.perExample[example].subList(18, 27).zip(weighted).forEach { (a, b) -> a!! shouldBe (b!! plusOrMinus 1e-9) }
    found.getValue("why.attribution").perExample[example].sumOf { it!! } shouldBe (right - rival plusOrMinus 1e-4)
}
