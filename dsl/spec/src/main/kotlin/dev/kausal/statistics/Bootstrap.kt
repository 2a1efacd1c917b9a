package dev.kausal.statistics

import org.apache.commons.rng.UniformRandomProvider
import org.apache.commons.rng.simple.RandomSource
import org.apache.commons.statistics.distribution.NormalDistribution
import kotlin.math.pow

/** A confidence interval, both ends included. */
public data class Interval(
    val low: Double,
    val high: Double,
)

/** How an interval is computed from the bootstrap distribution. */
public enum class IntervalMethod {
    /** Quantiles of the distribution (Efron 1979). */
    Percentile,

    /**
     * Quantiles corrected for bias and skewness (Efron 1987); the percentile method's if the correction is undefined.
     */
    BiasCorrected,
}

/** Draws with replacement: how often each cluster occurs [draw, cluster]. */
public class Draws(
    internal val weights: List<IntArray>,
) {
    public companion object {
        /** Returns [count] draws of [clusters] clusters, the same for the same [seed]. */
        public fun of(
            clusters: Int,
            count: Int,
            seed: Long,
        ): Draws {
            val random = generator(seed)
            return Draws(
                List(count) {
                    IntArray(clusters).also { weights -> repeat(clusters) { weights[random.nextInt(clusters)]++ } }
                },
            )
        }
    }
}

internal fun generator(seed: Long): UniformRandomProvider = RandomSource.XO_SHI_RO_256_PP.create(seed)

/** Bootstrap intervals of means, drawing whole clusters. */
public object Bootstrap {
    /**
     * Returns an interval of [level] for the mean of each cell of [sample]; null if fewer than two clusters have the
     * cell.
     *
     * A cell that is equal in all clusters has an interval of one point: the data show no variation.
     */
    public fun intervals(
        sample: Sample,
        draws: Draws,
        level: Double,
        method: IntervalMethod,
    ): List<Interval?> = intervals(Ratio(sample), draws, level, method)

    /** Returns the same intervals for ratios of sums. */
    public fun intervals(
        sample: Ratio,
        draws: Draws,
        level: Double,
        method: IntervalMethod,
    ): List<Interval?> {
        require(level > 0 && level < 1) { "level must be between 0 and 1, not $level" }
        return (0 until sample.cells).chunked(CHUNK).flatMap { cells ->
            val means = means(sample, draws, cells)
            cells.mapIndexed { index, cell -> interval(sample, cell, means[index], level, method) }
        }
    }

    /** Returns the mean of each of [cells] under each draw [cell, draw]; NaN if a draw has no example with the cell. */
    private fun means(
        sample: Ratio,
        draws: Draws,
        cells: List<Int>,
    ): Array<DoubleArray> {
        val means = Array(cells.size) { DoubleArray(draws.weights.size) }
        val sums = DoubleArray(cells.size)
        val counts = DoubleArray(cells.size)
        val first = cells.first()
        draws.weights.forEachIndexed { draw, weights ->
            sums.fill(0.0)
            counts.fill(0.0)
            for (cluster in weights.indices) {
                val weight = weights[cluster].toDouble()
                if (weight == 0.0) continue
                val itsSums = sample.above[cluster]
                val itsCounts = sample.below[cluster]
                for (i in sums.indices) {
                    sums[i] += weight * itsSums[first + i]
                    counts[i] += weight * itsCounts[first + i]
                }
            }
            for (i in sums.indices) means[i][draw] = sums[i] / counts[i]
        }
        return means
    }

    private fun interval(
        sample: Ratio,
        cell: Int,
        means: DoubleArray,
        level: Double,
        method: IntervalMethod,
    ): Interval? {
        val mean = sample.value(cell) ?: return null
        if (sample.numerators.clustersWith(cell) < 2) return null
        return interval(mean, means, level, method) { acceleration(sample, cell) }
    }

    /**
     * Returns the interval of [level] for a statistic with value [observed] and bootstrap distribution [drawn], in
     * which NaN marks draws without a value.
     *
     * @param acceleration a twelfth of the skewness per root of n, from the jackknife; used by the corrected method
     *   only
     */
    internal fun interval(
        observed: Double,
        drawn: DoubleArray,
        level: Double,
        method: IntervalMethod,
        acceleration: () -> Double,
    ): Interval? {
        val sorted = drawn.filter { it.isFinite() }.toDoubleArray().apply { sort() }
        if (sorted.isEmpty()) return null
        val tails = doubleArrayOf((1 - level) / 2, 1 - (1 - level) / 2)
        val corrected =
            if (method == IntervalMethod.Percentile) null else corrected(observed, sorted, tails, acceleration())
        val ends = Quantiles.ofSorted(sorted, *(corrected ?: tails))
        return Interval(ends[0], ends[1])
    }

    /** Returns the quantiles of the bias-corrected and accelerated method; null if undefined. */
    private fun corrected(
        observed: Double,
        sorted: DoubleArray,
        tails: DoubleArray,
        acceleration: Double,
    ): DoubleArray? {
        // Draws that tie with the data may end up on either side by rounding.
        val room = TIE * (sorted.last() - sorted.first())
        val below = sorted.count { it < observed - room }
        val equal = sorted.count { it >= observed - room && it <= observed + room }
        val share = (below + equal / 2.0) / sorted.size
        if (share <= 0.0 || share >= 1.0 || !acceleration.isFinite()) return null
        val bias = normal.inverseCumulativeProbability(share)
        val ends =
            DoubleArray(tails.size) {
                val z = bias + normal.inverseCumulativeProbability(tails[it])
                normal.cumulativeProbability(bias + z / (1 - acceleration * z))
            }
        return ends.takeIf { all -> all.all { it.isFinite() } && all[0] <= all[1] }
    }

    private fun acceleration(
        sample: Ratio,
        cell: Int,
    ): Double {
        val sum = sample.above.sumOf { it[cell] }
        val count = sample.below.sumOf { it[cell] }
        val left =
            sample.above.indices.filter { sample.sizes[it][cell] > 0 }.map { cluster ->
                (sum - sample.above[cluster][cell]) / (count - sample.below[cluster][cell])
            }
        return accelerationOf(left)
    }

    /** Returns the acceleration from the statistic with each cluster left out in turn. */
    internal fun accelerationOf(leftOut: List<Double>): Double {
        val centre = leftOut.average()
        val cubes = leftOut.sumOf { (centre - it).pow(3) }
        val squares = leftOut.sumOf { (centre - it).pow(2) }
        return cubes / (6 * squares.pow(1.5))
    }

    private const val CHUNK = 512
    private const val TIE = 1e-9
    private val normal = NormalDistribution.of(0.0, 1.0)
}
