package dev.kausal.run.analyses

import dev.kausal.engine.analysis.attention.ActivationMaps
import dev.kausal.engine.requests.PatchActivations
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.gridAxes
import dev.kausal.spec.ActivationMapsSpec
import dev.kausal.spec.ActivationNumber
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind

/** One number of the stream after each block, patch by patch. */
internal object ActivationMapsAnalysis : JournaledReading<ActivationMapsSpec>(ActivationMapsSpec::class) {
    override fun read(
        spec: ActivationMapsSpec,
        on: RunContext,
    ): List<Result> {
        val read =
            on.perExample(spec) { on.backend.answer(PatchActivations(on.inputs.of(it.clean))) }
        val rows =
            read.map { maps ->
                val layers = if (spec.of == ActivationNumber.Mean) maps.means() else maps.norms()
                spec.layers.flatMap { layer -> layers[layer].toList() }
            }
        val axes = listOf(AxisSpec("layer", spec.layers.map { "$it" })) + gridAxes(read.first().grid())
        val examples = on.contrasts(spec).map { it.label }
        return listOf(measured(spec.name, ResultKind.ActivationMaps, spec.of.text, axes, examples, rows))
    }
}
