package dev.kausal.run.analyses

import dev.kausal.bundle.NumberAt
import dev.kausal.engine.analysis.attention.AttentionRollout
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.Setting
import dev.kausal.run.inputs.fromImage
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.HeadFusion
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RolloutSpec
import dev.kausal.spec.positionLabels

/** Attention multiplied through the layers. */
internal object RolloutAnalysis : JournaledReading<RolloutSpec>(RolloutSpec::class) {
    override fun size(
        spec: RolloutSpec,
        on: Setting,
    ): ResultSize {
        val layers = layersOf(spec)
        // Fused patterns and products are in double precision, one each for all heads of a layer.
        val copies = 4.0 / on.config.heads()
        if (on.config.readsImages()) return on.patternSize(spec, listOf(layers) + on.grid(spec), copies)
        val prompts = on.inputs(spec)
        val tokens = positionLabels(prompts)
        val axes = listOf(layers, AxisSpec("query", tokens), AxisSpec("key", tokens))
        val zeros = if (on.config.attention().causal()) (tokens.size - 1.0) / (2.0 * tokens.size) else 0.0
        return on.patternSize(spec, axes, copies, zeros) { listOf(layers.labels.size, it, it) }
    }

    override fun read(
        spec: RolloutSpec,
        on: RunContext,
    ): List<Result> {
        val options = AttentionRollout.Options(spec.fusion.engine(), spec.discard, spec.residual)
        val metric = if (spec.residual) "rollout" else "accumulated attention"
        val inputs = AttentionInputs(spec, on)
        val result =
            inputs.result(ResultKind.Rollout, metric, size(spec, on.setting)) { one, row ->
                AttentionRollout.of(one.pattern, options).forEachIndexed { layer, matrix ->
                    if (inputs.images) {
                        val map = one.grid!!.fromImage(matrix)
                        row.write(layer.toLong() * map.size, map.size) { map[it] }
                    } else {
                        val size = matrix.size
                        val numbers = NumberAt { matrix[it / size][it % size] }
                        row.write(layer.toLong() * size * size, size * size, numbers)
                    }
                }
            }
        return listOf(result)
    }

    private fun HeadFusion.engine() =
        when (this) {
            HeadFusion.Mean -> dev.kausal.engine.analysis.attention.HeadFusion.MEAN
            HeadFusion.Max -> dev.kausal.engine.analysis.attention.HeadFusion.MAX
            HeadFusion.Min -> dev.kausal.engine.analysis.attention.HeadFusion.MIN
        }
}
