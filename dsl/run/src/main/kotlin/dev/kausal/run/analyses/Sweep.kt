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

    /** Returns the size of the numbers; working memory is counted by the plan of the sweeps. */
    override fun size(
        spec: SweepSpec,
        on: Setting,
    ): ResultSize {
        val examples = on.contrasts(spec).size
        val cells = spec.cells.size.toLong()
        val plain = if (spec.metric.plain == spec.metric) 0L else examples * cells
        val exact = if (spec.exact == null) 0L else examples * cells
        val more = ((plain + exact + cells * PER_CELL) * NUMBER).toLong()
        return ResultSize(spec.axes, List(examples) { spec.axes.map { it.labels.size } }, more = more, isFiled = false)
    }

    override fun plan(
        spec: SweepSpec,
        on: RunContext,
    ): Planned =
        object : Planned {
            private val request = SweepRequest(on.choices.resolved(spec), on.contrasts(spec))
            override val asked = listOf(request)

            override fun results(swept: List<SweepResult>) =
                swept.map { estimates ->
                    val result = estimates.result(on.inference)
                    val screened = spec.exact?.let { Screened(request, it, on).result(estimates, result) } ?: result
                    on.choices.noted(spec, screened)
                }
        }

    /** Numbers per cell besides its mean, such as ends of intervals, p and audits. */
    private const val PER_CELL = 12

    /** Characters of one such number. */
    private const val NUMBER = 16.0
}
