package dev.kausal.run

import dev.kausal.bundle.ArrayFolder
import dev.kausal.bundle.BundleFiles
import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.Inputs
import dev.kausal.dsl.Model
import dev.kausal.dsl.attention
import dev.kausal.dsl.capture
import dev.kausal.dsl.declared
import dev.kausal.dsl.imageFolder
import dev.kausal.dsl.on
import dev.kausal.dsl.rollout
import dev.kausal.dsl.tinyFolder
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.plan.Sizes
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.context.AnalysisProgress
import dev.kausal.spec.NumberType
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.fileSize
import kotlin.io.path.listDirectoryEntries

/** What a run gave, and what was announced of it. */
private class Ran(
    val folder: Path,
    val results: List<Result>,
    val plan: PlanSummary,
    val progress: Counted,
) {
    val arrays: Long get() = folder.resolve("arrays").listDirectoryEntries().sumOf { it.fileSize() }

    val json: Long
        get() = BundleFiles.compact.encodeToString(
            Results.serializer(),
            Results(
                results = results.map {
                    it.written()
                },
            ),
        ).length.toLong()
}

private class Counted : AnalysisProgress {
    val megabytes = mutableMapOf<String, Int>()
    val steps = mutableListOf<Int>()

    override fun begin(
        name: String,
        cells: Int,
    ) = Unit

    override fun beginArrays(
        name: String,
        megabytes: Int,
    ) {
        this.megabytes[name] = megabytes
    }

    override fun done(done: Int) {
        steps += done
    }

    override fun end() = Unit
}

private const val WORDS = "the cat sat on the mat the dog ran the cat sat on the mat"

/** Runs [words] on a tiny Llama over [count] prompts of 1 to 15 words. */
private fun ran(
    folder: Path,
    count: Int,
    words: ExperimentScope.(Model<CausalLm>, Inputs<CausalLm>) -> Unit,
): Ran {
    val declared =
        declared(imageFolder()) {
            val lm = model<CausalLm>("tiny")
            val texts = prompts(lm) { repeat(count) { prompt(WORDS.split(' ').take(1 + it % 15).joinToString(" ")) } }
            words(lm, texts)
        }
    return declared.on(tinyFolder("llama")) { bound, opened ->
        val progress = Counted()
        val runner =
            ExperimentRunner(bound.runnable(), LocalBackend(opened, PlainExecutor()), arrays = ArrayFolder(folder))
        val results = runner.run(progress).results
        val tuning = opened.device().tuning()
        val plan = PlanSummary.of(bound.spec, Sizes(opened.config()), opened.points(), 1L shl 28, 1, tuning)
        Ran(folder, results, plan, progress)
    }
}

class LargeResultTest :
    FunSpec({
        test("logits of many prompts go to a file, example by example, and are those that few prompts give") {
            val few = ran(tempdir().toPath(), 15) { lm, texts -> val logits by capture(texts, lm.logits) }
            val many = ran(tempdir().toPath(), 2200) { lm, texts -> val logits by capture(texts, lm.logits) }
            val (small, large) = few.results.single() to many.results.single()
            small.arrays shouldBe null
            large.arrays!!.type shouldBe NumberType.F32
            large.axes shouldBe small.axes
            for (example in small.examples.indices) {
                large.arrays!!.perExample[example].shape.first() shouldBe 1 + example
                // The same pass of the same prompt.
                large.perExample[example].zip(small.perExample[example]) { a, b ->
                    if (b == null) a shouldBe null else a!! shouldBe (b plusOrMinus 1e-5)
                }
            }
            large.mean.zip(small.mean) { a, b -> a!! shouldBe (b!! plusOrMinus 1e-4) }
            many.progress.megabytes.getValue("logits") shouldBe many.progress.steps.last()
            many.plan.announcement shouldContain "arrays/ (logits: "
        }

        test("what is announced is what is written, of each analysis that may be large") {
            val scripts =
                mapOf<String, Pair<Int, ExperimentScope.(Model<CausalLm>, Inputs<CausalLm>) -> Unit>>(
                    "captured logits" to (2200 to { lm, texts -> val x by capture(texts, lm.logits) }),
                    "few captured logits" to (40 to { lm, texts -> val x by capture(texts, lm.logits) }),
                    "attention" to (1200 to { _, texts -> val x by attention(texts) }),
                    "little attention" to (60 to { _, texts -> val x by attention(texts) }),
                    "rollout" to (4400 to { _, texts -> val x by rollout(texts) }),
                )
            for ((name, script) in scripts) {
                withClue(name) {
                    val ran = ran(tempdir().toPath(), script.first, script.second)
                    val large = ran.results.single().arrays != null
                    val written = ran.json + if (large) ran.arrays else 0
                    ran.plan.bundleBytes.toDouble() shouldBe (written.toDouble() plusOrMinus 0.1 * written)
                }
            }
        }
    })
