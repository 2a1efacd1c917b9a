package dev.kausal.run.analyses

import dev.kausal.engine.requests.PatchActivations
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.Setting
import dev.kausal.run.context.measured
import dev.kausal.spec.ActivationMapsSpec
import dev.kausal.spec.ActivationNumber
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind

/** One number of the stream after each block, patch by patch. */
internal object ActivationMapsAnalysis : JournaledReading<ActivationMapsSpec>(ActivationMapsSpec::class) {
    override fun size(
        spec: ActivationMapsSpec,
        on: Setting,
    ): ResultSize {
        val inputs = on.inputs(spec)
        val axes = listOf(AxisSpec("layer", spec.layers.map { "$it" })) + on.grid(spec)
        val own = axes.map { it.labels.size }
        return ResultSize(axes, inputs.map { own }, native = on.passBytes(inputs.maxOf { it.length }))
    }

    override fun read(
        spec: ActivationMapsSpec,
        on: RunContext,
    ): List<Result> {
        val result =
            on.measured(spec, ResultKind.ActivationMaps, spec.of.text, size(spec, on.setting)) { contrast, row ->
                val maps = on.backend.answer(PatchActivations(on.inputs.of(contrast.clean)))
                val layers = if (spec.of == ActivationNumber.Mean) maps.means() else maps.norms()
                spec.layers.forEachIndexed { at, layer ->
                    val own = layers[layer]
                    row.write(at.toLong() * own.size, own.size) { own[it] }
                }
            }
        return listOf(result)
    }
}
