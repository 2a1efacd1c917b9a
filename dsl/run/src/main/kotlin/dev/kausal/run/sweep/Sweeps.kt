package dev.kausal.run.sweep

import dev.kausal.engine.exec.NonFinite
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.run.context.OutcomeBytes
import dev.kausal.run.context.RunContext
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.SweepSpec

/** Runs sweeps on a model, all that are asked for at once as one plan. */
internal class Sweeps(
    private val on: RunContext,
) {
    private val progress = on.progress

    /**
     * A sweep and the examples that it goes over.
     *
     * @property contrasts the whole set, which means and donors of resampling are taken from
     * @property sources for each example the contrast whose runs its patches read; its own if null
     * @property measured which of the set's examples are measured; all if null
     */
    data class Asked(
        val sweep: SweepSpec,
        val contrasts: List<ContrastSpec>,
        val sources: List<ContrastSpec>? = null,
        val measured: List<Int>? = null,
    ) {
        /** The examples that have a row in the result. */
        val examples: List<ContrastSpec> get() = measured?.map { contrasts[it] } ?: contrasts
    }

    /**
     * Computes [asked] together; results come in its order.
     *
     * @param title names them in progress and in the journal; the sweep's own name, or their number, if null
     */
    fun run(
        asked: List<Asked>,
        title: String? = null,
    ): List<SweepResult> {
        if (asked.isEmpty()) return emptyList()
        val compiled = asked.map { compiled(it) }
        val plan = SweepPlan.joined(compiled.map { it.plan })
        val name = title ?: asked.singleOrNull()?.sweep?.name ?: "${asked.size} sweeps"
        progress.begin(name, plan.cells().size)
        val outcomes = parts(plan).flatMapIndexed { index, part -> outcomes(plan, part, "$name-$index") }
        progress.end()
        var before = 0
        return asked.zip(compiled) { its, plan ->
            val own = outcomes.subList(before, before + plan.plan.cells().size)
            before += own.size
            SweepResult(its.sweep, its.examples, plan, own, on.model.config().terms, on.noise) { cell ->
                NonFinite.first(on.model, plan.plan, cell).orElse(null)
            }
        }
    }

    /**
     * The cells in parts that are computed one after another, since what is finished can then be kept. A part is large, so
     * that little of what its cells share is computed again for the next.
     */
    private fun parts(plan: SweepPlan): List<IntRange> =
        plan.cells().indices.chunked(PART).map { it.first()..it.last() }

    private fun outcomes(
        plan: SweepPlan,
        part: IntRange,
        name: String,
    ): List<CellOutcome> {
        val kept = on.journal.read(name)?.let { OutcomeBytes.read(it, part.count()) }
        val outcomes =
            kept ?: on.executor
                .execute(on.model, SweepPlan(plan.runs(), plan.cells().slice(part))) { progress.done(part.first + it) }
                .also { on.journal.write(name, OutcomeBytes.of(it)) }
        progress.done(part.last + 1)
        return outcomes
    }

    private companion object {
        const val PART = 4000
    }

    private fun compiled(asked: Asked): CompiledSweep {
        val set = asked.sweep.contrasts
        return SweepCompiler(
            asked.sweep,
            asked.contrasts,
            { on.noise.deviation(it, set) },
            on.inputs,
            on.experiment.activations,
            on.experiment.metrics,
            asked.sources,
            asked.measured,
        ).compile()
    }
}
