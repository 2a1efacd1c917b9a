package dev.kausal.statistics

import org.apache.commons.statistics.ranking.NaturalRanking
import org.apache.commons.statistics.ranking.TiesStrategy
import kotlin.math.sqrt

/** Spearman's rank correlation, ties at their mean rank. */
public object RankCorrelation {
    /**
     * Returns the correlation of two rankings of the same items; null if fewer than three are in both or one is all
     * ties.
     */
    public fun of(
        a: List<Double?>,
        b: List<Double?>,
    ): Double? {
        require(a.size == b.size) { "rankings of different lengths: ${a.size} and ${b.size} items" }
        val both = a.indices.filter { a[it] != null && b[it] != null }
        if (both.size < FEWEST) return null
        val ranking = NaturalRanking(TiesStrategy.AVERAGE)
        val x = ranking.apply(DoubleArray(both.size) { a[both[it]]!! })
        val y = ranking.apply(DoubleArray(both.size) { b[both[it]]!! })
        return pearson(x, y)
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
