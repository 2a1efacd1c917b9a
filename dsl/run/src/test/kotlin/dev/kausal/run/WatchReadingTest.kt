package dev.kausal.run

import dev.kausal.dsl.Contrasts
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.MaskedLm
import dev.kausal.dsl.attention
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.declared
import dev.kausal.dsl.everyTime
import dev.kausal.dsl.firstTime
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.dsl.on
import dev.kausal.dsl.tinyFolder
import dev.kausal.dsl.watch
import dev.kausal.dsl.whenever
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.hooks.HookKind
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Result
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json

private const val WORDS = "the cat sat on the [MASK]"

private fun ExperimentScope.two(): Contrasts<MaskedLm> {
    val lm = model<MaskedLm>("tiny")
    return contrasts(lm) {
        contrast(clean = WORDS, answer = "mat", corrupted = "the dog sat on the [MASK]", foil = "cat", label = "one")
        contrast(clean = "the cat [MASK]", answer = "sat", corrupted = "the dog [MASK]", foil = "ran", label = "two")
    }
}

private fun watched(words: ExperimentScope.() -> Unit): Map<String, Result> =
    declared(words = words).on(tinyFolder("distilbert-masked")) { bound, opened ->
        val json = Json.encodeToString(ExperimentSpec.serializer(), bound.spec)
        Json.decodeFromString(ExperimentSpec.serializer(), json) shouldBe bound.spec
        bound.run(opened, PlainExecutor()).results.associateBy { it.name }
    }

class WatchReadingTest :
    FunSpec({
        test("by layer, kind and name, each time; what is heard is what the run computes") {
            val heard = mutableListOf<String>()
            val sums = mutableListOf<Double>()
            val found =
                watched {
                    val set = two()
                    val looks by attention(set, layers = -1..-1)
                    val seen by watch(
                        set,
                        layers = listOf(-1),
                        kinds = listOf(HookKind.PATTERN, HookKind.MLP_OUT),
                        named = { it.endsWith("pattern") },
                        calls = everyTime,
                    ) { x, at ->
                        heard += "${at.point} ${at.layer} ${at.kind} ${at.example}"
                        sums += x.toFloatArray().sumOf { it.toDouble() * it }
                        // It has a copy: this changes no run.
                        x.muli(0)
                    }
                    report { bars(seen) }
                }
            heard shouldContainExactly listOf("one", "two").map { "blocks.1.attn.hook_pattern 1 PATTERN $it" }
            val seen = found.getValue("seen")
            seen.axes.single().labels shouldContainExactly listOf("blocks.1.attn.hook_pattern")
            seen.perExample shouldBe listOf(listOf(1.0), listOf(1.0))
            seen.checks.values.all { it == 0.0 } shouldBe true
            seen.notes shouldContainExactly
                listOf(
                    "The hook was called 2 times at 1 hook points in 2 runs.",
                    "After removal, another run of the first example did not call it and gave the same outputs.",
                )
            val squares = found.getValue("looks").perExample[0].filterNotNull().sumOf { it * it }
            sums[0] shouldBe (squares plusOrMinus 1e-4)
        }

        test("the first time, and where a condition holds, which may be never") {
            val found =
                watched {
                    val set = two()
                    val first by watch(set, kinds = listOf(HookKind.PATTERN), calls = firstTime) { _, _ -> }
                    val wide by watch(
                        set,
                        calls = whenever {
                            x,
                            at,
                            ->
                            x.shape.dimension() == 4 && at.layer == 0
                        },
                    ) { _, _ -> }
                    val once by watch(
                        set,
                        kinds = listOf(HookKind.PATTERN),
                        calls = whenever { _, at -> at.example == "two" }.once(),
                        run = corrupted,
                    ) { _, _ -> }
                    val never by watch(
                        set,
                        named = { "hook" in it },
                        calls = whenever { x, _ -> x.isNaN().any().getBoolean() },
                        run = clean,
                    ) { _, _ -> }
                    report { table(never) }
                }
            found.getValue("first").perExample shouldBe listOf(listOf(1.0, 0.0), listOf(0.0, 0.0))
            found.getValue("first").notes[0] shouldContain "called once at 2 hook points in 2 runs."
            val wide = found.getValue("wide")
            val pattern = wide.axes.single().labels.indexOf("blocks.0.attn.hook_pattern")
            wide.perExample.map { it[pattern] } shouldBe listOf(1.0, 1.0)
            wide.axes.single().labels.zip(wide.mean).filter { it.second!! > 0 }.all { "blocks.0." in it.first } shouldBe
                true
            found.getValue("once").perExample shouldBe listOf(listOf(0.0, 0.0), listOf(1.0, 0.0))
            val never = found.getValue("never")
            never.mean.all { it == 0.0 } shouldBe true
            never.notes[0] shouldContain "The hook was never called"
            never.notes[0] shouldContain "its condition held for none of "
        }

        test("a filter that accepts nothing is a mistake with its line, and so is a layer that is not there") {
            val wrong =
                declared {
                    val set = two()
                    val none by watch(set, named = { "hook_q_norm" in it }) { _, _ -> }
                    val far by watch(set, layers = listOf(7)) { _, _ -> }
                    report { table(none) }
                }
            val mistakes =
                shouldThrow<ScriptMistakes> { wrong.on(tinyFolder("distilbert-masked")) { _, _ -> } }.mistakes
            mistakes.map { it::class } shouldContainExactly
                listOf(Mistake.NothingWatched::class, Mistake.NoSuchLayer::class)
            mistakes[0].message shouldContain "none watches nothing: layers, kinds and named together match none of"
            mistakes[0].message shouldContain "blocks.0."
            (mistakes[0].line!! + 1) shouldBe mistakes[1].line
        }
    })
