package dev.kausal.statistics

import kotlin.math.sqrt

/**
 * A ratio of two sums for each cell, by cluster: a mean, if the denominators count examples; a recovery, if they are
 * the differences of clean and corrupted runs.
 *
 * @param numerators terms of the numerator [example, cell]
 * @param denominators terms of the denominator, null in the same places; ones if null
 */
public class Ratio(
    public val numerators: Sample,
    private val denominators: Sample? = null,
) {
    /** Number of cells. */
    public val cells: Int get() = numerators.cells

    internal val above: Array<DoubleArray> = numerators.sums
    internal val below: Array<DoubleArray> = denominators?.sums ?: numerators.counts
    internal val sizes: Array<DoubleArray> = numerators.counts

    init {
        val other = denominators?.counts
        require(other == null || other.contentDeepEquals(sizes)) {
            "numerators and denominators must belong to the same examples"
        }
    }

    /** Returns the ratio of [cell]; null if no example has it. */
    public fun value(cell: Int): Double? {
        val over = below.sumOf { it[cell] }
        return if (over == 0.0) null else above.sumOf { it[cell] } / over
    }

    /**
     * Returns the standard error of [value], robust to dependence within clusters; null with fewer than two clusters.
     */
    public fun standardError(cell: Int): Double? {
        if (numerators.clustersWith(cell) < 2 || value(cell) == null) return null
        return Estimates(this, cell, 1).error[0]
    }

    /** Returns each example's residual from the prediction of [value] [example]; 0 if it lacks the cell. */
    internal fun residuals(cell: Int): DoubleArray {
        val ratio = value(cell) ?: return DoubleArray(numerators.values.size)
        return DoubleArray(numerators.values.size) { example ->
            val over = denominators?.values?.get(example)?.get(cell) ?: 1.0
            numerators.values[example][cell]?.let { it - ratio * over } ?: 0.0
        }
    }
}

/**
 * Standard errors of [size] cells of [ratio] from cell [from] on, and the ratios and errors of bootstrap draws of its
 * clusters.
 *
 * Two errors are computed and the larger one is used. One takes each cluster's own residual as its spread (linearised;
 * Cochran 1977). If one cluster holds much of the examples, this underestimates the variation between clusters; the
 * other uses the spread of all clusters' mean residuals for each. With clusters of one size they are equal.
 */
internal class Estimates(
    private val ratio: Ratio,
    private val from: Int,
    private val size: Int,
) {
    private val clusters = ratio.sizes.size
    private val value = DoubleArray(size) { ratio.value(from + it) ?: Double.NaN }
    private val uneven =
        BooleanArray(size) { cell ->
            val present = ratio.sizes.map { it[from + cell] }.filter { it > 0 }
            present.distinct().size > 1
        }
    private val anyUneven = uneven.any { it }
    private val residual =
        Array(clusters) { g ->
            DoubleArray(size) { finite(ratio.above[g][from + it] - value[it] * ratio.below[g][from + it]) }
        }
    private val below = Array(clusters) { g -> ratio.below[g].copyOfRange(from, from + size) }
    private val sums = Array(SUMS) { DoubleArray(size) }

    /** Standard error of each cell's ratio. */
    val error: DoubleArray = DoubleArray(size)

    init {
        draw(IntArray(clusters) { 1 }, DoubleArray(size), error)
    }

    /**
     * Weights each cluster by [weights].
     *
     * @param away receives each cell's deviation from the data's own ratio; 0 if the draw has none
     * @param errors receives each cell's standard error
     */
    fun draw(
        weights: IntArray,
        away: DoubleArray,
        errors: DoubleArray,
    ) {
        sums.forEach { it.fill(0.0) }
        for (g in weights.indices) if (weights[g] > 0) add(g, weights[g].toDouble())
        for (cell in 0 until size) {
            val over = sums[BELOW][cell]
            away[cell] = if (over == 0.0) 0.0 else sums[RESIDUAL][cell] / over
            errors[cell] = if (over == 0.0) 0.0 else errorOf(cell, away[cell], over)
        }
    }

    private fun add(
        g: Int,
        weight: Double,
    ) {
        val z = residual[g]
        val d = below[g]
        val m = ratio.sizes[g]
        for (cell in 0 until size) {
            if (m[from + cell] == 0.0) continue
            sums[PRESENT][cell] += weight
            sums[RESIDUAL][cell] += weight * z[cell]
            sums[BELOW][cell] += weight * d[cell]
            sums[RESIDUALS][cell] += weight * z[cell] * z[cell]
            sums[PRODUCTS][cell] += weight * z[cell] * d[cell]
            sums[BELOWS][cell] += weight * d[cell] * d[cell]
        }
        if (anyUneven) addMeans(g, weight)
    }

    private fun addMeans(
        g: Int,
        weight: Double,
    ) {
        for (cell in 0 until size) {
            val m = ratio.sizes[g][from + cell]
            if (m == 0.0) continue
            val u = residual[g][cell] / m
            val v = below[g][cell] / m
            sums[SIZES][cell] += weight * m * m
            sums[MEAN][cell] += weight * u
            sums[MEAN_BELOW][cell] += weight * v
            sums[MEANS][cell] += weight * u * u
            sums[MEAN_PRODUCTS][cell] += weight * u * v
            sums[MEAN_BELOWS][cell] += weight * v * v
        }
    }

    private fun errorOf(
        cell: Int,
        away: Double,
        over: Double,
    ): Double {
        val n = sums[PRESENT][cell]
        if (n < 2) return 0.0
        val own = sums[RESIDUALS][cell] - 2 * away * sums[PRODUCTS][cell] + away * away * sums[BELOWS][cell]
        val robust = own * n / (n - 1)
        return sqrt(maxOf(robust, if (uneven[cell]) pooled(cell, away, n) else 0.0, 0.0)) / kotlin.math.abs(over)
    }

    private fun pooled(
        cell: Int,
        away: Double,
        n: Double,
    ): Double {
        val mean = sums[MEAN][cell] - away * sums[MEAN_BELOW][cell]
        val squares = sums[MEANS][cell] - 2 * away * sums[MEAN_PRODUCTS][cell] + away * away * sums[MEAN_BELOWS][cell]
        return (squares - mean * mean / n) / (n - 1) * sums[SIZES][cell]
    }

    private fun finite(value: Double) = if (value.isNaN()) 0.0 else value

    private companion object {
        const val PRESENT = 0
        const val RESIDUAL = 1
        const val BELOW = 2
        const val RESIDUALS = 3
        const val PRODUCTS = 4
        const val BELOWS = 5
        const val SIZES = 6
        const val MEAN = 7
        const val MEAN_BELOW = 8
        const val MEANS = 9
        const val MEAN_PRODUCTS = 10
        const val MEAN_BELOWS = 11
        const val SUMS = 12
    }
}
