package dev.kausal.run.analyses

import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.context.RunContext
import dev.kausal.run.sweep.SweepResult
import dev.kausal.spec.SweepSpec

/** A metric for every cell of a grid of interventions. */
internal object SweepAnalysis : Analysis<SweepSpec> {
    override val spec = SweepSpec::class
    override val stage = Stage.SWEEPS

    override fun plan(
        spec: SweepSpec,
        on: RunContext,
    ): Planned =
        object : Planned {
            override val asked = listOf(SweepRequest(spec, on.contrasts(spec)))

            override fun results(swept: List<SweepResult>) = swept.map { it.result(on.inference) }
        }
}
