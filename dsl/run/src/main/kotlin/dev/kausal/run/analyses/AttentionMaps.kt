package dev.kausal.run.analyses

import dev.kausal.engine.analysis.attention.PatchMaps
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.Setting
import dev.kausal.run.inference.meanOver
import dev.kausal.run.inputs.rows
import dev.kausal.spec.AttentionMapsSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind

/** Attention from one position to the patches of an image. */
internal object AttentionMapsAnalysis : JournaledReading<AttentionMapsSpec>(AttentionMapsSpec::class) {
    override fun size(
        spec: AttentionMapsSpec,
        on: Setting,
    ): ResultSize {
        val heads = spec.heads ?: List(on.config.heads()) { it }
        val head = AxisSpec("head", if (spec.meanOverHeads) listOf("mean") else heads.map { "$it" })
        return on.patternSize(spec, listOf(layersOf(spec), head) + on.grid(spec))
    }

    override fun read(
        spec: AttentionMapsSpec,
        on: RunContext,
    ): List<Result> {
        val heads = spec.heads ?: List(on.backend.config.heads()) { it }
        val size = size(spec, on.setting)
        val result =
            AttentionInputs(spec, on).result(ResultKind.AttentionMaps, "attention to patches", size) { one, row ->
                val from = spec.from?.rows(one.prompt)?.first()
                val maps = if (from == null) one.maps() else PatchMaps.from(one.pattern, one.patches(), from)
                maps.maps().forEachIndexed { at, layer ->
                    val each: List<List<Double?>> = heads.map { layer[it].toList() }
                    val own = (if (spec.meanOverHeads) listOf(meanOver(each)) else each).flatten()
                    row.write(at.toLong() * own.size, own.size) { own[it] ?: Double.NaN }
                }
            }
        return listOf(result)
    }
}
