package dev.kausal.run.backend

import dev.kausal.engine.exec.Executor
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.engine.plan.SweepPlan
import java.util.function.IntConsumer

/**
 * Computes cells in two halves of their runs, so that products have other shapes than all together. Each half passes the
 * layers once, whereas whole passes of every run would read a streamed model's weights as often as there are runs.
 */
internal class HalvesExecutor(
    private val executor: Executor,
) : Executor {
    override fun name(): String = executor.name()

    override fun execute(
        model: HookedModel,
        plan: SweepPlan,
        progress: IntConsumer,
    ): List<CellOutcome> {
        val runs = plan.cells().map { it.run() }.distinct()
        val first = runs.take((runs.size + 1) / 2).toSet()
        val halves = plan.cells().indices.partition {
            plan.cells()[it].run() in first
        }.toList().filter { it.isNotEmpty() }
        val outcomes = arrayOfNulls<CellOutcome>(plan.cells().size)
        var before = 0
        halves.forEach { half ->
            val part = SweepPlan(plan.runs(), half.map { plan.cells()[it] }, plan.others())
            executor.execute(model, part) { progress.accept(before + it) }.forEachIndexed {
                i,
                outcome,
                ->
                outcomes[half[i]] =
                    outcome
            }
            before += half.size
        }
        return outcomes.map { checkNotNull(it) }
    }
}
