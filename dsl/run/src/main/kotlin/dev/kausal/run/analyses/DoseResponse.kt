package dev.kausal.run.analyses

import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.context.RunContext
import dev.kausal.run.sweep.SweepResult
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CellSpec
import dev.kausal.spec.DoseControls
import dev.kausal.spec.DoseResponseSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.SweepSpec

/** Strengths of a direction by layer, with random and shuffled directions, and effects on other sets. */
internal object DoseResponseAnalysis : Analysis<DoseResponseSpec> {
    override val spec = DoseResponseSpec::class
    override val stage = Stage.SWEEPS

    override fun plan(
        spec: DoseResponseSpec,
        on: RunContext,
    ): Planned = DosePlan(spec, on)
}

private class DosePlan(
    private val spec: DoseResponseSpec,
    private val on: RunContext,
) : Planned {
    private val controls = listOf("random" to spec.random, "shuffled" to spec.shuffled)

    override val asked: List<SweepRequest> =
        listOf(request(spec.name, spec.contrasts, spec.metric, spec.axes, spec.cells)) +
            controls.map { (name, draws) ->
                val axes = listOf(AxisSpec("draw", List(draws.size) { "$it" })) + spec.axes
                request("${spec.name}.$name", spec.contrasts, spec.metric, axes, draws.flatten())
            } +
            spec.effects.map { request("${spec.name}.${it.name}", it.contrasts, it.metric, spec.axes, it.cells) }

    private fun request(
        name: String,
        set: String,
        metric: MetricSpec,
        axes: List<AxisSpec>,
        cells: List<CellSpec>,
    ) = SweepRequest(
        SweepSpec(name, set, spec.line, metric, axes, cells),
        on.spec.contrasts.first { it.name == set }.contrasts,
    )

    override fun results(swept: List<SweepResult>): List<Result> {
        val main = swept[0].result(on.inference).copy(kind = ResultKind.DoseResponse)
        val (random, shuffled) = swept.subList(1, 1 + controls.size).map { draws ->
            draws.result(null).mean.chunked(spec.cells.size)
        }
        val effects = swept.drop(1 + controls.size).zip(spec.effects) { swept, effect ->
            swept.result(on.inference).copy(kind = ResultKind.SideEffect, set = effect.contrasts)
        }
        return listOf(main.copy(dose = DoseControls(random, shuffled))) + effects
    }
}
