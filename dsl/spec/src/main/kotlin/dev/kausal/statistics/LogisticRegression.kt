package dev.kausal.statistics

import org.hipparchus.linear.Array2DRowRealMatrix
import org.hipparchus.linear.ArrayRealVector
import org.hipparchus.linear.CholeskyDecomposition
import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.ln1p

/**
 * Logistic regression with an L2 penalty: minimises the sum of the log losses plus half the squared norm of the weights, which are in
 * units of the vectors' [spread][PrincipalAxes.spread]; the intercept is free. (With standardised units, this is a penalty of 1, as
 * common elsewhere.) The minimum is unique and found by Newton's method. Weights are sums of the vectors, so that their
 * principal axes suffice as coordinates.
 *
 * @param of the vectors, centred
 * @param truth the class of each vector; both occur
 */
public class LogisticRegression(
    private val of: PrincipalAxes,
    private val truth: List<Boolean>,
) {
    private val size = of.axes.size
    private val rows =
        of.scores.map { row -> DoubleArray(size + 1) { if (it < size) row[it] / of.spread else 1.0 } }
    private val found = minimum()

    /** Weight of each unit: the log odds rise by their scalar product with a vector. */
    public val weights: DoubleArray =
        DoubleArray(of.centre.size) { unit -> of.axes.indices.sumOf { found[it] * of.axes[it][unit] } / of.spread }

    /** Log odds of the first class at 0. */
    public val intercept: Double = found[size] - dot(weights, of.centre)

    private fun minimum(): DoubleArray {
        var at = DoubleArray(size + 1)
        repeat(MOST_STEPS) {
            val slope = slope(at)
            if (slope.all { abs(it) <= FLAT * rows.size }) return at
            at = next(at, newton(at, slope))
        }
        return at
    }

    private fun slope(at: DoubleArray): DoubleArray {
        val slope = DoubleArray(size + 1) { if (it < size) at[it] else 0.0 }
        rows.forEachIndexed { i, row ->
            val error = probability(dot(at, row)) - if (truth[i]) 1 else 0
            for (j in slope.indices) slope[j] += error * row[j]
        }
        return slope
    }

    private fun newton(
        at: DoubleArray,
        slope: DoubleArray,
    ): DoubleArray {
        val curvature = Array(size + 1) { i -> DoubleArray(size + 1) { j -> if (i == j && i < size) 1.0 else 0.0 } }
        for (row in rows) {
            val p = probability(dot(at, row))
            val weight = maxOf(p * (1 - p), LEAST_WEIGHT)
            for (i in row.indices) {
                val factor = weight * row[i]
                for (j in 0..i) curvature[i][j] += factor * row[j]
            }
        }
        // Computed twice, entries that nearly cancel would differ by rounding, and the matrix would not be symmetric.
        for (i in curvature.indices) for (j in 0 until i) curvature[j][i] = curvature[i][j]
        val solver = CholeskyDecomposition(Array2DRowRealMatrix(curvature, false), SYMMETRY, 0.0).solver
        return solver.solve(ArrayRealVector(slope, false)).toArray()
    }

    /** Returns the first point on the way along [step] with a lower loss, halving the step until there is one. */
    private fun next(
        at: DoubleArray,
        step: DoubleArray,
    ): DoubleArray {
        val before = loss(at)
        var share = 1.0
        repeat(HALVINGS) {
            val there = DoubleArray(at.size) { at[it] - share * step[it] }
            if (loss(there) <= before) return there
            share /= 2
        }
        return at
    }

    private fun loss(at: DoubleArray): Double {
        val penalty = (0 until size).sumOf { at[it] * at[it] } / 2
        return penalty + rows.indices.sumOf { i ->
            val odds = dot(at, rows[i]) * if (truth[i]) 1 else -1
            if (odds > 0) ln1p(exp(-odds)) else ln1p(exp(odds)) - odds
        }
    }

    private fun probability(odds: Double) = 1 / (1 + exp(-odds))

    private companion object {
        const val MOST_STEPS = 100
        const val HALVINGS = 40
        const val FLAT = 1e-10
        const val SYMMETRY = 1e-8

        /** Keeps the curvature positive if all vectors are far from the boundary. */
        const val LEAST_WEIGHT = 1e-12
    }
}
