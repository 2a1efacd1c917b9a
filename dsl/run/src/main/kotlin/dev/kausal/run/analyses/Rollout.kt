package dev.kausal.run.analyses

import dev.kausal.engine.analysis.attention.AttentionRollout
import dev.kausal.run.context.RunContext
import dev.kausal.run.inputs.fromImage
import dev.kausal.spec.HeadFusion
import dev.kausal.spec.Numbers
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RolloutSpec

/** Attention multiplied through the layers. */
internal object RolloutAnalysis : JournaledReading<RolloutSpec>(RolloutSpec::class) {
    override fun read(
        spec: RolloutSpec,
        on: RunContext,
    ): List<Result> {
        val inputs = AttentionInputs(spec, on)
        val length = inputs.prompts.maxOf { it.length }
        val options = AttentionRollout.Options(spec.fusion.engine(), spec.discard, spec.residual)
        val metric = if (spec.residual) "rollout" else "accumulated attention"
        val rows =
            inputs.each { one ->
                val layers = AttentionRollout.of(one.pattern, options)
                if (inputs.images) layers.flatMap { one.grid!!.fromImage(it) } else boxed(layers, length)
            }
        val axes = listOf(inputs.layers) + if (inputs.images) inputs.grid else inputs.tokens
        return listOf(inputs.result(ResultKind.Rollout, metric, axes, rows))
    }

    /** Matrices [layer, query, key] in a box that the longest input, of [length], fills. */
    private fun boxed(
        layers: Array<out Array<DoubleArray>>,
        length: Int,
    ): List<Double?> =
        Numbers.of(layers.size * length * length) { cell ->
            val matrix = layers[cell / (length * length)]
            matrix.getOrNull(cell / length % length)?.getOrNull(cell % length)
        }

    private fun HeadFusion.engine() =
        when (this) {
            HeadFusion.Mean -> dev.kausal.engine.analysis.attention.HeadFusion.MEAN
            HeadFusion.Max -> dev.kausal.engine.analysis.attention.HeadFusion.MAX
            HeadFusion.Min -> dev.kausal.engine.analysis.attention.HeadFusion.MIN
        }
}
