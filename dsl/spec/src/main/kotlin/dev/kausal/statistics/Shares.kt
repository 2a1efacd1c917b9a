package dev.kausal.statistics

import org.apache.commons.statistics.distribution.BetaDistribution
import kotlin.math.hypot

/**
 * Intervals of shares: of values that are 1 or 0 in each example.
 *
 * Clopper and Pearson's (1934), whose coverage is at least their level, for the effective number of independent
 * examples (Korn and Graubard 1998): all of them if examples of a cluster differ as much as others, down to one per
 * cluster.
 */
public object Shares {
    /** Returns whether every value of [cell] is 0 or 1. */
    public fun isShare(
        sample: Sample,
        cell: Int,
    ): Boolean = sample.values.all { row -> row[cell].let { it == null || it == 0.0 || it == 1.0 } }

    /** Returns the interval of [level] for the share of [cell]; null if fewer than two clusters have it. */
    public fun interval(
        sample: Sample,
        cell: Int,
        level: Double,
    ): Interval? {
        val share = sample.mean(cell) ?: return null
        if (sample.clustersWith(cell) < 2) return null
        return clopperPearson(share, worth(sample, cell, share), level)
    }

    /**
     * Returns the interval of [level] for a difference of two shares of the same examples, with values -1, 0 or 1: from
     * the intervals of the shares that changed to 1 and to 0 (Newcombe 1998).
     */
    public fun differenceInterval(
        sample: Sample,
        cell: Int,
        level: Double,
    ): Interval? {
        val up = only(sample, cell, 1.0)
        val down = only(sample, cell, -1.0)
        val gained = interval(up, 0, level) ?: return null
        val lost = interval(down, 0, level) ?: return null
        val rise = up.mean(0)!!
        val fall = down.mean(0)!!
        val change = rise - fall
        return Interval(
            change - hypot(rise - gained.low, lost.high - fall),
            change + hypot(gained.high - rise, fall - lost.low),
        )
    }

    /** Returns whether every value of [cell] is -1, 0 or 1. */
    public fun isDifference(
        sample: Sample,
        cell: Int,
    ): Boolean = sample.values.all { row -> row[cell].let { it == null || it == 0.0 || it == 1.0 || it == -1.0 } }

    private fun only(
        sample: Sample,
        cell: Int,
        value: Double,
    ): Sample = sample.with(sample.values.map { row -> listOf(row[cell]?.let { if (it == value) 1.0 else 0.0 }) })

    /** Returns the effective number of independent examples: between one per cluster (at equal sizes) and all. */
    private fun worth(
        sample: Sample,
        cell: Int,
        share: Double,
    ): Double {
        val counts = sample.counts.map { it[cell] }.filter { it > 0 }
        val all = counts.sum()
        val least = all * all / counts.sumOf { it * it }
        val error = sample.standardError(cell) ?: return least
        if (share <= 0.0 || share >= 1.0 || error == 0.0) return least
        val alone = share * (1 - share) / (all - 1)
        return (all * alone / (error * error)).coerceIn(least, all)
    }

    /**
     * Returns the upper end of Clopper and Pearson's one-sided interval of [level] for a share of which [hits] of [n] drawn
     * ones were found: 1 − (1 − level)^(1/n) if none were.
     */
    public fun atMost(
        hits: Int,
        n: Int,
        level: Double,
    ): Double =
        if (hits >= n) {
            1.0
        } else {
            BetaDistribution.of(hits + 1.0, (n - hits).toDouble()).inverseCumulativeProbability(level)
        }

    private fun clopperPearson(
        share: Double,
        n: Double,
        level: Double,
    ): Interval {
        val tail = (1 - level) / 2
        val hits = share * n
        val low = if (hits <= 0.0) 0.0 else BetaDistribution.of(hits, n - hits + 1).inverseCumulativeProbability(tail)
        val high = if (hits >= n) 1.0 else BetaDistribution.of(hits + 1, n - hits).inverseSurvivalProbability(tail)
        return Interval(low, high)
    }
}
