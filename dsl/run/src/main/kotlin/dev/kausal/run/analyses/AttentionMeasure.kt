package dev.kausal.run.analyses

import dev.kausal.engine.analysis.attention.AttentionDistance
import dev.kausal.engine.analysis.attention.AttentionEntropy
import dev.kausal.engine.analysis.attention.AttentionPattern
import dev.kausal.engine.analysis.attention.HeadDiversity
import dev.kausal.engine.analysis.attention.SpatialFocus
import dev.kausal.engine.analysis.attention.TokenTarget
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.Setting
import dev.kausal.run.inputs.numbered
import dev.kausal.spec.AttentionMeasure
import dev.kausal.spec.AttentionMeasureSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind

/** A measure of every head, or of every layer. */
internal object AttentionMeasureAnalysis : JournaledReading<AttentionMeasureSpec>(AttentionMeasureSpec::class) {
    override fun size(
        spec: AttentionMeasureSpec,
        on: Setting,
    ): ResultSize {
        val heads = numbered("head", on.config.heads()).takeIf { spec.measure.perHead }
        // Maps of all heads are compared in double precision, and boxed while they are collected.
        val copies = if (spec.measure.perHead) 0.0 else BOXED
        return on.patternSize(spec, listOfNotNull(layersOf(spec), heads), copies)
    }

    override fun read(
        spec: AttentionMeasureSpec,
        on: RunContext,
    ): List<Result> {
        val inputs = AttentionInputs(spec, on)
        val rows = inputs.each { one -> AttentionMeasures.of(spec.measure, one) }
        val axes = size(spec, on.setting).axes
        val result = inputs.result(ResultKind.AttentionMeasure, spec.measure.text, axes, rows)
        val without = if (spec.measure in SCORES) result.perExample.count { row -> row.all { it == null } } else 0
        return listOf(
            result.copy(
                notes = result.notes + listOfNotNull(
                    note(without, rows.size).takeIf {
                        without > 0
                    },
                ),
            ),
        )
    }

    private fun note(
        without: Int,
        all: Int,
    ): String = "$without of $all examples have no token that the score is defined for, and are left out."

    private val SCORES =
        setOf(AttentionMeasure.PreviousToken, AttentionMeasure.DuplicateToken, AttentionMeasure.Induction)

    /** Bytes of a map in memory, relative to its pattern. */
    private const val BOXED = 4.0
}

/** Measures of each head or layer for one input, row-major. */
private object AttentionMeasures {
    fun of(
        measure: AttentionMeasure,
        seen: AttendedInput,
    ): List<Double> =
        when (measure) {
            AttentionMeasure.Entropy -> flat(AttentionEntropy.mean(seen.pattern))
            AttentionMeasure.Diversity -> HeadDiversity.of(diverse(seen)).toList()
            AttentionMeasure.Distance -> flat(AttentionDistance.of(seen.pattern, seen.patches()).patches())
            AttentionMeasure.PeakRow -> focus(seen) { it.row().toDouble() }
            AttentionMeasure.PeakColumn -> focus(seen) { it.column().toDouble() }
            AttentionMeasure.Peak -> focus(seen) { it.peak() }
            AttentionMeasure.Concentration -> focus(seen) { it.concentration() }
            AttentionMeasure.ClsShare -> flat(seen.pattern.share(seen.prompt.spans.getValue("cls").first))
            AttentionMeasure.SeparatorShare -> flat(seen.pattern.share(*separators(seen)))
            AttentionMeasure.PreviousToken -> score(seen, TokenTarget.PREVIOUS_TOKEN)
            AttentionMeasure.DuplicateToken -> score(seen, TokenTarget.DUPLICATE_TOKEN)
            AttentionMeasure.Induction -> score(seen, TokenTarget.INDUCTION)
        }

    private fun score(
        seen: AttendedInput,
        target: TokenTarget,
    ): List<Double> = flat(target.score(seen.pattern, seen.prompt.ids.toIntArray()))

    private fun flat(perHead: Array<DoubleArray>): List<Double> = perHead.flatMap { it.toList() }

    private fun focus(
        seen: AttendedInput,
        read: (SpatialFocus) -> Double,
    ): List<Double> = SpatialFocus.of(seen.maps()).flatMap { layer -> layer.map(read) }

    /** Returns the positions of the token that ends the input, which ends every sentence. */
    private fun separators(seen: AttendedInput): IntArray {
        val ids = seen.prompt.ids
        val last = ids[seen.prompt.spans.getValue("separators").first]
        return ids.indices.filter { ids[it] == last }.toIntArray()
    }

    /** Returns the maps [layer][head][key] by which a layer's heads are compared. */
    private fun diverse(seen: AttendedInput): Array<Array<DoubleArray>> =
        when {
            seen.grid != null -> seen.maps().maps()
            "cls" in seen.prompt.spans -> seen.pattern.from(seen.prompt.spans.getValue("cls").first)
            else -> whole(seen.pattern)
        }

    private fun whole(pattern: AttentionPattern): Array<Array<DoubleArray>> =
        pattern
            .weights()
            .map { layer ->
                layer.map { head -> head.flatMap { row -> row.map { it.toDouble() } }.toDoubleArray() }.toTypedArray()
            }.toTypedArray()
}
