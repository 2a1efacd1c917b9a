package dev.kausal.run

import dev.kausal.dsl.ablate
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.last
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.patch
import dev.kausal.dsl.probability
import dev.kausal.dsl.recovery
import dev.kausal.dsl.sweep
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.Executor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.family.Placement
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.tensor.Precision
import dev.kausal.run.backend.LocalBackend
import dev.kausal.spec.Bfloat16ScreenSpec
import dev.kausal.spec.NoiseFloor
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import dev.kausal.spec.SweepSpec
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.math.abs

/** Runs in bfloat16, and sweeps that are screened in it, against runs in float32. */
class Bfloat16RunTest :
    FunSpec({
        for (name in listOf("llama", "gpt2", "gemma2", "qwen3", "opt")) {
            test("no control fails on $name in bfloat16, and the run says how far it is from float32") {
                pair(name) { exact, low ->
                    val study = study(exact)
                    val expected = study.run(exact)
                    for (executor in listOf(BatchedExecutor(1L shl 28), PlainExecutor())) {
                        val found = study.run(low, exact, executor)
                        withClue(executor.name()) {
                            found.results.flatMap { it.controls }.filter { it.passed == false }.shouldBeEmpty()
                        }
                        val error = found.bfloat16.shouldNotBeNull()
                        error.difference shouldBeGreaterThan 0.0
                        error.difference shouldBeLessThan 0.05 * error.size
                        for (result in found.results) {
                            val rounding = result.rounding.shouldNotBeNull()
                            rounding.unit shouldBe NoiseFloor.BFLOAT16
                            rounding.format shouldBe "bfloat16"
                            val lost = rounding.float32.shouldNotBeNull()
                            withClue("${result.name}, unedited runs") {
                                lost shouldBe unedited(result, expected.named(result.name)).plusOrMinusHundredth()
                            }
                        }
                    }
                }
            }
        }

        test("a run in float32 states no error of bfloat16") {
            HookedModel.open(tinyLlama).use { model ->
                val found = study(model).run(model)
                found.bfloat16.shouldBeNull()
                found.results.forEach { it.rounding!!.float32.shouldBeNull() }
            }
        }

        test("a screened sweep has float32's numbers where anything is decided, and states the largest difference") {
            pair("llama") { exact, low ->
                val study = study(exact)
                val expected = study.run(exact)
                val found = study.screened(2).run(exact, low, BatchedExecutor(1L shl 28))
                for (result in found.results) {
                    val other = expected.named(result.name)
                    val screening = result.bfloat16.shouldNotBeNull()
                    val floor = 2 * NoiseFloor.MARGIN * result.rounding!!.floor
                    result.rounding!!.format shouldBe "float32"
                    withClue(result.name) {
                        screening.top shouldBe top(other, 2)
                        screening.cells.forEach { cell ->
                            apart(result, other, cell) shouldBeLessThan floor
                        }
                        screening.largest shouldBeGreaterThan 0.0
                        val pairs = screening.bfloat16.zip(screening.float32)
                        screening.largest shouldBe pairs.maxOf { (a, b) -> abs(a!! - b!!) }
                        val others = result.mean.indices - screening.cells.toSet()
                        others.forEach { cell ->
                            apart(result, other, cell) shouldBeLessThan
                                4 * screening.largestOfExamples
                        }
                        decisions(result) shouldBe decisions(other)
                        result.baseline.forEach { (run, values) ->
                            values.zip(other.baseline.getValue(run)) { a, b -> abs(a!! - b!!) shouldBeLessThan floor }
                        }
                    }
                }
            }
        }

        test("cells in bfloat16 keep their change from the unedited run in bfloat16") {
            pair("llama") { exact, low ->
                val study = study(exact)
                val all = study.run(low, exact, BatchedExecutor(1L shl 28)).named("needed")
                val found = study.screened(1).run(exact, low, BatchedExecutor(1L shl 28)).named("needed")
                val others = found.mean.indices - found.bfloat16!!.cells.toSet()
                others.size shouldBeGreaterThan 0
                others.forEach { cell ->
                    change(found, cell) shouldBe change(all, cell).plusOrMinusHundredth()
                }
            }
        }
    })

private infix fun Int.shouldBeGreaterThan(other: Int) = withClue("$this > $other") { (this > other) shouldBe true }

private fun Double.plusOrMinusHundredth() = io.kotest.matchers.doubles.ToleranceMatcher(this, 0.01 * abs(this) + 1e-5)

private infix fun Double.shouldBe(matcher: io.kotest.matchers.doubles.ToleranceMatcher) =
    withClue("$this") { matcher.test(this).passed().let { it shouldBe true } }

private fun pair(
    name: String,
    use: (HookedModel, HookedModel) -> Unit,
) {
    val folder = Path.of("../../engine/src/test/resources/tiny/$name")
    HookedModel.open(folder).use { exact ->
        ModelSource.open(folder).use { it.load(Placement.RESIDENT, Precision.BFLOAT16) }.use { low -> use(exact, low) }
    }
}

private fun BoundExperiment.run(
    model: HookedModel,
    counterpart: HookedModel,
    executor: Executor,
): Results = ExperimentRunner(runnable(), LocalBackend(model, executor, 1L shl 28) { counterpart }).run(Silence)

private fun BoundExperiment.screened(top: Int): BoundExperiment =
    with(
        spec.copy(
            analyses = spec.analyses.map { if (it is SweepSpec) it.copy(screen = Bfloat16ScreenSpec(top)) else it },
        ),
    )

/** Largest difference of the unedited runs of two results. */
private fun unedited(
    a: Result,
    b: Result,
): Double =
    a.baseline.maxOf { (run, values) ->
        values.zip(b.baseline.getValue(run)).maxOf { (p, q) -> abs(p!! - q!!) }
    }

private fun plain(result: Result) = result.plain ?: result.perExample

private fun change(
    result: Result,
    cell: Int,
): Double {
    val from = result.baseline.getValue(if (result.name == "needed") "clean" else "corrupted")
    return plain(result).mapIndexedNotNull { row, values -> values[cell]?.let { it - from[row]!! } }.average()
}

private fun top(
    result: Result,
    count: Int,
): List<Int> =
    result.mean.indices.filter { result.mean[it] != null }.sortedByDescending { abs(change(result, it)) }.take(count)

private fun apart(
    a: Result,
    b: Result,
    cell: Int,
): Double = plain(a).zip(plain(b)).maxOf { (p, q) -> abs((p[cell] ?: 0.0) - (q[cell] ?: 0.0)) }

private fun decisions(result: Result): List<Boolean> = result.pCorrected.map { (it ?: 1.0) < 0.05 }

private fun study(model: HookedModel): BoundExperiment =
    tinyStudy(model) {
        val set = tinyPairs(8)
        val trace by sweep(set, recovery(logitDifference)) {
            each(layers, spans) { layer, span -> patch(from = clean, to = corrupted, layer).at(span) }
        }
        val likely by sweep(set, probability) {
            each(layers) { layer -> patch(from = clean, to = corrupted, layer).at(last) }
        }
        val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
        report { heatmap(trace) }
    }
