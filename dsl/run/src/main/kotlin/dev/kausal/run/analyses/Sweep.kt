package dev.kausal.run.analyses

import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.Setting
import dev.kausal.run.sweep.SweepResult
import dev.kausal.spec.SweepSpec

/** A metric for every cell of a grid of interventions. */
internal object SweepAnalysis : Analysis<SweepSpec> {
    override val spec = SweepSpec::class
    override val stage = Stage.SWEEPS

    /** The memory of sweeps is that of their plan. */
    override fun size(
        spec: SweepSpec,
        on: Setting,
    ): ResultSize {
        val examples = on.contrasts(spec).size
        val cells = spec.cells.size.toLong()
        val plain = if (spec.metric.plain == spec.metric) 0L else examples * cells
        val more = ((plain + cells * PER_CELL) * NUMBER).toLong()
        return ResultSize(spec.axes, List(examples) { spec.axes.map { it.labels.size } }, more = more, isFiled = false)
    }

    override fun plan(
        spec: SweepSpec,
        on: RunContext,
    ): Planned =
        object : Planned {
            override val asked = listOf(SweepRequest(on.choices.resolved(spec), on.contrasts(spec)))

            override fun results(swept: List<SweepResult>) =
                swept.map { on.choices.noted(spec, it.result(on.inference)) }
        }

    /** Numbers that a result has of each cell beside its mean: ends of intervals, p, audits and the like. */
    private const val PER_CELL = 12

    /** Characters of such a number. */
    private const val NUMBER = 16.0
}
