package dev.kausal.run.analyses

import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.Inference
import dev.kausal.run.inference.measured
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.ExampleRatios
import dev.kausal.spec.MinimalityRecord
import dev.kausal.spec.Numbers
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.statistics.Ratio
import dev.kausal.statistics.Ratios
import dev.kausal.statistics.Sample
import kotlin.math.abs

/**
 * Changes of a metric as shares of the difference between clean and corrupted runs.
 *
 * @param gaps clean minus corrupted run of each example
 */
internal class CircuitShares(
    private val spec: CircuitSpec,
    private val on: RunContext,
    private val gaps: List<Double>,
) {
    private val contrasts = on.contrasts(spec)
    private val usable = Ratios.usable(gaps)

    /**
     * Returns the shares: in `mean` the mean change divided by the mean difference, with intervals, and in `perExample` those of
     * single examples. Examples whose runs hardly differ have none.
     *
     * @param changes [example, cell]
     */
    fun of(
        part: String,
        kind: ResultKind,
        metric: String,
        axes: List<AxisSpec>,
        changes: List<List<Double?>>,
    ): Result {
        val own = changes.mapIndexed { i, row -> row.map { it?.takeIf { usable[i] } } }
        val scales = own.mapIndexed { i, row -> row.map { change -> change?.let { gaps[i] } } }
        val ratios = own.mapIndexed { i, row -> row.map { it?.div(gaps[i]) } }
        val all = Ratio(Sample(own), Sample(scales))
        val result =
            measured("${spec.name}.$part", kind, metric, axes, contrasts.map { it.label }, ratios)
                .copy(mean = List(all.cells) { all.value(it) })
        val recovered = Inference.Recovered(own.map(Numbers::of), scales.map(Numbers::of))
        return on.inference?.of(result, contrasts, recovered = recovered, explained = 1.0, tested = { false }) ?: result
    }

    /** Returns [result] with the means of its examples' own shares. */
    fun withRatios(result: Result): Result {
        val plain =
            measured("${result.name}.ratios", result.kind, "", result.axes, result.examples, result.perExample)
        val inferred = on.inference?.of(plain, contrasts, tested = { false }) ?: plain
        return result.copy(ratios = ExampleRatios(usable.count { it }, plain.mean, inferred.ciLow, inferred.ciHigh))
    }

    /**
     * Judges each part of [result] by the change of faithfulness without it.
     *
     * @param faithful faithfulness of the whole circuit
     * @param rounding changes of faithfulness up to this size may be rounding
     */
    fun judged(
        result: Result,
        faithful: Double?,
        rounding: Double,
    ): MinimalityRecord {
        val apart = checkNotNull(spec.minimality)
        val margin = maxOf(MinimalityRecord.MARGIN, rounding)
        val parts = result.axes.single().labels
        val verdicts =
            parts.indices.groupBy { cell ->
                val mean = result.mean[cell]
                val low = result.ciLow.getOrNull(cell) ?: mean
                val high = result.ciHigh.getOrNull(cell) ?: mean
                if (low == null || high == null) Verdict.UNDECIDED else verdict(low, high, margin)
            }

        fun of(verdict: Verdict) =
            verdicts[verdict].orEmpty().sortedByDescending { abs(result.mean[it] ?: 0.0) }.map { parts[it] }
        return MinimalityRecord(
            size = apart.size,
            by = apart.by,
            faithfulness = faithful,
            margin = margin,
            needed = of(Verdict.NEEDED),
            unneeded = of(Verdict.UNNEEDED),
            opposing = of(Verdict.OPPOSING),
            undecided = of(Verdict.UNDECIDED),
        )
    }

    private fun verdict(
        low: Double,
        high: Double,
        margin: Double,
    ): Verdict =
        when {
            high < -margin -> Verdict.NEEDED
            low > margin -> Verdict.OPPOSING
            low >= -margin && high <= margin -> Verdict.UNNEEDED
            else -> Verdict.UNDECIDED
        }

    private enum class Verdict { NEEDED, UNNEEDED, OPPOSING, UNDECIDED }
}
