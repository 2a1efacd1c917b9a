package dev.kausal.run

import dev.kausal.dsl.ablate
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.last
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.noise
import dev.kausal.dsl.patch
import dev.kausal.dsl.probability
import dev.kausal.dsl.recovery
import dev.kausal.dsl.subject
import dev.kausal.dsl.sweep
import dev.kausal.engine.edits.Edit
import dev.kausal.engine.edits.FromRun
import dev.kausal.engine.edits.PositionRange
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.Executor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.plan.Cell
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.spec.Control
import dev.kausal.spec.NoiseFloor
import dev.kausal.spec.Results
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.nio.file.Path
import java.util.function.IntConsumer

/** Rounding fails no control, whatever the model, the executor and the machine; an engine that is broken fails some. */
class NoiseFloorTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        for (name in MODELS) {
            test("no control fails on $name, compiled or plain") {
                HookedModel.open(Path.of("../../engine/src/test/resources/tiny/$name")).use { tiny ->
                    val study = study(tiny)
                    for (executor in listOf(BatchedExecutor(1L shl 28), PlainExecutor())) {
                        val results = study.run(tiny, executor)
                        val checked = results.known()
                        withClue(executor.name()) {
                            checked.size shouldBe CHECKED
                            checked.filter { it.passed != true }.shouldBeEmpty()
                        }
                    }
                }
            }
        }

        test("a floor is far below the effects that it judges, and above the rounding that was measured") {
            val results = study(model).run(model)
            for (result in results.results) {
                val rounding = result.rounding!!
                rounding.floor shouldBeLessThan 1e-4
                rounding.floor shouldBeGreaterThan rounding.measured * (NoiseFloor.MARGIN - 1e-9) - 1e-300
                rounding.runs shouldNotBe 0
                rounding.size shouldBeGreaterThan 0.0
            }
        }

        test("what is wrong with each patched cell fails a control of every sweep") {
            for ((what, broken) in BROKEN_VALUES) {
                val results = study(model).run(model, Broken(broken = broken))
                for (result in results.results) {
                    withClue("$what, ${result.name}") { result.controls.any { it.passed == false } shouldBe true }
                }
            }
        }

        test("edits that are lost, that read another run, or another position, fail a control of what patches") {
            for ((what, change) in BROKEN_EDITS) {
                val results = study(model).run(model, Broken(change))
                for (name in listOf("trace", "spoiled", "likely")) {
                    withClue("$what, $name") {
                        results.named(name).controls.any { it.passed == false } shouldBe true
                    }
                }
            }
        }
    })

/** Of all families whose layers are computed in ways of their own. */
private val MODELS =
    listOf("llama", "gpt2", "gpt-neox", "gptj", "gemma2", "gemma3", "qwen2", "qwen3", "olmo2", "opt", "smollm3-fourth")

/** Identity of every sweep, and the whole stream of those that patch. */
private const val CHECKED = 9

private fun study(model: HookedModel): BoundExperiment =
    tinyStudy(model) {
        val set = contrasts { words() }
        val trace by sweep(set, recovery(logitDifference)) {
            each(layers, spans) { layer, span -> patch(from = clean, to = corrupted, layer).at(span) }
        }
        val spoiled by sweep(set, logitDifference) {
            each(layers) { layer -> patch(from = corrupted, to = clean, layer).at(last) }
        }
        val likely by sweep(set, probability) {
            each(layers) { layer -> patch(from = corrupted, to = clean, layer).at(last) }
        }
        val noised by sweep(set, recovery(logitDifference)) {
            val run = noise(subject, sigmas = 3.0, samples = 2)
            each(layers) { layer -> patch(from = clean, to = run, layer).at(last) }
        }
        val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
        report { heatmap(trace) }
    }

private fun Results.known(): List<Control> = results.flatMap { it.controls }.filter { it.expected != null }

private val BROKEN_VALUES: Map<String, (Double) -> Double> =
    mapOf("off by a thousandth" to { it + 1e-3 }, "another sign" to { -it }, "larger by a hundredth" to { it * 1.01 })

private val BROKEN_EDITS: Map<String, (Edit, SweepPlan) -> Edit?> =
    mapOf(
        "lost" to { _, _ -> null },
        "of another run" to { edit, plan -> edit.renumbered { other(it, plan) } },
        "of the first position" to { edit, _ ->
            val from = edit.replacement() as? FromRun
            if (from == null || edit.rows().all() || edit.rows().first() != edit.rows().last()) {
                edit.takeIf { from == null }
            } else {
                Edit(edit.site(), edit.rows(), edit.part(), FromRun(from.run(), PositionRange(0, 0)))
            }
        },
    )

/** A run of another prompt of as many tokens; the same where there is none. */
private fun other(
    run: Int,
    plan: SweepPlan,
): Int {
    val own = plan.runs()[run].ids()
    val others = plan.runs().indices.filter { plan.runs()[it].length() == own.size }
    return others.firstOrNull { !plan.runs()[it].ids().contentEquals(own) } ?: run
}

/** Makes [change] of each cell's edits, and [broken] of what edited cells come to. */
private class Broken(
    private val change: (Edit, SweepPlan) -> Edit? = { edit, _ -> edit },
    private val broken: (Double) -> Double = { it },
) : Executor {
    private val inner = BatchedExecutor(1L shl 28)

    override fun name(): String = inner.name()

    override fun execute(
        model: HookedModel,
        plan: SweepPlan,
        progress: IntConsumer,
    ): List<CellOutcome> {
        val cells =
            plan.cells().map { cell ->
                Cell(cell.run(), cell.edits().mapNotNull { change(it, plan) }, cell.metric())
            }
        return inner.execute(model, SweepPlan(plan.runs(), cells), progress).zip(plan.cells()) { its, cell ->
            val edited = cell.edits().isNotEmpty()
            CellOutcome(
                if (edited) broken(its.value()) else its.value(),
                its.fired(),
                its.largestChange(),
                its.size(),
            )
        }
    }
}
