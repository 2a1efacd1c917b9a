package dev.kausal.statistics

import dev.kausal.spec.Numbers
import org.apache.commons.rng.UniformRandomProvider
import kotlin.math.abs
import kotlin.math.sqrt

/**
 * Result of a sign-flip test by cell; null if no cluster has the cell.
 *
 * @property single p of each cell alone, two-sided
 * @property familyWise p of each cell among all: how often the largest statistic of any cell reaches this one's
 *   (Westfall and Young 1993)
 * @property flips number of sign assignments examined, including the data's own
 * @property exact whether these are all possible ones
 */
public class SignFlipResult internal constructor(
    public val single: List<Double?>,
    public val familyWise: List<Double?>,
    public val flips: Int,
    public val exact: Boolean,
)

/**
 * Sign-flip permutation test of "the mean is 0": if a cluster's values are equally likely with either sign, all
 * assignments of signs to clusters are equally likely (Fisher 1935; Winkler et al. 2014).
 *
 * The statistic is |sum| / sqrt(sum of squares) over clusters. Squares do not depend on signs, so it orders assignments
 * like Student's t, without dividing by a standard error that may be 0.
 */
public object SignFlips {
    /** Up to this many clusters all assignments are examined, and p is exact. */
    public const val EXACT_UP_TO: Int = 12

    /**
     * Tests every cell of [sample] with [count] random assignments, drawn with [seed], or with all if these are few.
     */
    public fun test(
        sample: Sample,
        count: Int,
        seed: Long,
    ): SignFlipResult {
        val clusters = sample.clusters
        val exact = clusters <= EXACT_UP_TO
        val scale = scales(sample)
        val observed = statistic(sample, BooleanArray(clusters), scale)
        val single = IntArray(sample.cells)
        val largest = IntArray(sample.cells)
        val random = generator(seed)
        val flips = if (exact) 1 shl clusters else count + 1
        val signs = BooleanArray(clusters)
        for (flip in 0 until flips) {
            if (exact) all(flip, signs) else drawn(flip, signs, random)
            val found = statistic(sample, signs, scale)
            val most = (found.maxOrNull() ?: 0.0) * (1 + ROUNDING)
            for (cell in observed.indices) {
                if (found[cell] * (1 + ROUNDING) >= observed[cell]) single[cell]++
                if (most >= observed[cell]) largest[cell]++
            }
        }
        val present = BooleanArray(sample.cells) { sample.clustersWith(it) > 0 }
        return SignFlipResult(shares(single, flips, present), shares(largest, flips, present), flips, exact)
    }

    private fun all(
        flip: Int,
        signs: BooleanArray,
    ) {
        for (i in signs.indices) signs[i] = flip shr i and 1 == 1
    }

    /** Draws random assignments; the first is the data's own, so that p is never 0. */
    private fun drawn(
        flip: Int,
        signs: BooleanArray,
        random: UniformRandomProvider,
    ) {
        for (i in signs.indices) signs[i] = flip > 0 && random.nextBoolean()
    }

    private fun shares(
        reached: IntArray,
        flips: Int,
        present: BooleanArray,
    ): List<Double?> = Numbers.of(reached.size) { if (present[it]) reached[it].toDouble() / flips else null }

    private fun scales(sample: Sample): DoubleArray =
        DoubleArray(sample.cells) { cell -> sqrt(sample.sums.sumOf { it[cell] * it[cell] }) }

    private fun statistic(
        sample: Sample,
        flipped: BooleanArray,
        scale: DoubleArray,
    ): DoubleArray {
        val sums = DoubleArray(sample.cells)
        for (cluster in flipped.indices) {
            val clusterSums = sample.sums[cluster]
            if (flipped[cluster]) {
                for (cell in sums.indices) sums[cell] -= clusterSums[cell]
            } else {
                for (cell in sums.indices) sums[cell] += clusterSums[cell]
            }
        }
        for (cell in sums.indices) sums[cell] = if (scale[cell] == 0.0) 0.0 else abs(sums[cell]) / scale[cell]
        return sums
    }

    /** Assignments of float32 numbers that tie differ by up to this, depending on the order of summation. */
    private const val ROUNDING = 1e-6
}

/** Returns p adjusted to control the share of false discoveries (Benjamini and Hochberg 1995); nulls stay null. */
public fun benjaminiHochberg(pValues: List<Double?>): List<Double?> {
    val order = pValues.indices.filter { pValues[it] != null }.sortedByDescending { pValues[it]!! }
    val adjusted = DoubleArray(pValues.size) { Double.NaN }
    var least = 1.0
    order.forEachIndexed { index, cell ->
        least = minOf(least, pValues[cell]!! * order.size / (order.size - index))
        adjusted[cell] = least
    }
    return Numbers.of(adjusted)
}
