package dev.kausal.run.analyses

import dev.kausal.engine.analysis.attention.PatchMaps
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.meanOver
import dev.kausal.run.inputs.rows
import dev.kausal.spec.AttentionMapsSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind

/** Attention from one position to the patches of an image. */
internal object AttentionMapsAnalysis : JournaledReading<AttentionMapsSpec>(AttentionMapsSpec::class) {
    override fun read(
        spec: AttentionMapsSpec,
        on: RunContext,
    ): List<Result> {
        val inputs = AttentionInputs(spec, on)
        val heads = spec.heads ?: List(on.backend.config.heads()) { it }
        val rows =
            inputs.each { one ->
                val from = spec.from?.rows(one.prompt)?.first()
                val maps = if (from == null) one.maps() else PatchMaps.from(one.pattern, one.patches(), from)
                maps.maps().flatMap { layer ->
                    val each: List<List<Double?>> = heads.map { layer[it].toList() }
                    (if (spec.meanOverHeads) listOf(meanOver(each)) else each).flatten()
                }
            }
        val head = AxisSpec("head", if (spec.meanOverHeads) listOf("mean") else heads.map { "$it" })
        val axes = listOf(inputs.layers, head) + inputs.grid
        return listOf(inputs.result(ResultKind.AttentionMaps, "attention to patches", axes, rows))
    }
}
