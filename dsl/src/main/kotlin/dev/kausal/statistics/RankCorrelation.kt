package dev.kausal.statistics

import org.apache.commons.statistics.ranking.NaturalRanking
import org.apache.commons.statistics.ranking.TiesStrategy
import kotlin.math.abs
import kotlin.math.sqrt

/** Spearman's rank correlation, ties at their mean rank. */
public object RankCorrelation {
    /** Between two rankings of the same things; null where fewer than three are in both or one of them is all ties. */
    public fun of(
        a: List<Double?>,
        b: List<Double?>,
    ): Double? {
        require(a.size == b.size) { "rankings of ${a.size} and ${b.size} things" }
        val both = a.indices.filter { a[it] != null && b[it] != null }
        if (both.size < FEWEST) return null
        val ranking = NaturalRanking(TiesStrategy.AVERAGE)
        val x = ranking.apply(DoubleArray(both.size) { a[both[it]]!! })
        val y = ranking.apply(DoubleArray(both.size) { b[both[it]]!! })
        return pearson(x, y)
    }

    /** Between the sizes of the means of [a]'s cells and of [b]'s. */
    public fun ofSizes(
        a: Sample,
        b: Sample,
    ): Double? = of(sizes(a, null), sizes(b, null))

    /**
     * An interval for the correlation of the sizes of the means of [a]'s cells with those of [b]'s, both measured on the same clusters
     * of examples, which are drawn together.
     */
    public fun interval(
        a: Sample,
        b: Sample,
        draws: Draws,
        level: Double,
    ): Interval? {
        if (a.clusters < 2 || a.clusters != b.clusters) return null
        val drawn =
            DoubleArray(draws.weights.size) { draw ->
                of(sizes(a, draws.weights[draw]), sizes(b, draws.weights[draw])) ?: Double.NaN
            }
        return Bootstrap.interval(0.0, drawn, level, IntervalMethod.Percentile) { 0.0 }
    }

    /** |mean| of each cell, each cluster as often as [weights] say; once each if null. */
    private fun sizes(
        sample: Sample,
        weights: IntArray?,
    ): List<Double?> =
        List(sample.cells) { cell ->
            var sum = 0.0
            var count = 0.0
            for (cluster in sample.sums.indices) {
                val weight = weights?.get(cluster) ?: 1
                sum += weight * sample.sums[cluster][cell]
                count += weight * sample.counts[cluster][cell]
            }
            if (count == 0.0) null else abs(sum / count)
        }

    private fun pearson(
        x: DoubleArray,
        y: DoubleArray,
    ): Double? {
        val mx = x.average()
        val my = y.average()
        var xy = 0.0
        var xx = 0.0
        var yy = 0.0
        for (i in x.indices) {
            xy += (x[i] - mx) * (y[i] - my)
            xx += (x[i] - mx) * (x[i] - mx)
            yy += (y[i] - my) * (y[i] - my)
        }
        return if (xx == 0.0 || yy == 0.0) null else xy / sqrt(xx * yy)
    }

    private const val FEWEST = 3
}
