package dev.kausal.run

import dev.kausal.engine.analysis.attention.ActivationMaps
import dev.kausal.engine.model.HookedModel
import dev.kausal.spec.ActivationMapsSpec
import dev.kausal.spec.ActivationNumber
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Result

/** Reads what an [ActivationMapsSpec] asks of the clean images of [contrasts]. */
internal fun activationMaps(
    spec: ActivationMapsSpec,
    contrasts: List<ContrastSpec>,
    model: HookedModel,
    inputs: EngineInputs,
    progress: AnalysisProgress,
): Result {
    progress.begin(spec.name, contrasts.size)
    val read =
        contrasts.mapIndexed { index, contrast ->
            ActivationMaps.of(model, inputs.of(contrast.clean), model.noHooks()).also { progress.done(index + 1) }
        }
    progress.end()
    val rows =
        read.map { maps ->
            val layers = if (spec.of == ActivationNumber.Mean) maps.means() else maps.norms()
            spec.layers.flatMap { layer -> layers[layer].toList() }
        }
    val axes = listOf(AxisSpec("layer", spec.layers.map { "$it" })) + gridAxes(read.first().grid())
    return measured(spec.name, "activationMaps", spec.of.text, axes, contrasts.map { it.label }, rows)
}
