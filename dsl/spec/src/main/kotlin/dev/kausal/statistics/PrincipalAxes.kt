package dev.kausal.statistics

import org.hipparchus.linear.Array2DRowRealMatrix
import org.hipparchus.linear.EigenDecompositionSymmetric
import kotlin.math.sqrt

/**
 * The principal axes of vectors of one length: orthonormal, the one with the largest variance first. There are at most as many
 * as vectors, so that they are cheap for few long vectors.
 *
 * @param rows the vectors
 * @param centred whether variance is about the mean of the vectors, or about 0
 */
public class PrincipalAxes(
    rows: List<DoubleArray>,
    centred: Boolean = true,
) {
    private val units = rows.first().size

    /** The mean of the vectors; 0 if they are not centred. */
    public val centre: DoubleArray =
        DoubleArray(units) { unit -> if (centred) rows.sumOf { it[unit] } / rows.size else 0.0 }
    private val deviations = rows.map { row -> DoubleArray(units) { row[it] - centre[it] } }

    /** The axes [axis][unit], without those along which vectors differ by rounding alone; none if all are equal. */
    public val axes: List<DoubleArray> = if (units <= rows.size) ofCovariance() else ofProducts()

    /** Coordinates of each vector along [axes] [row][axis]. */
    public val scores: List<DoubleArray> = deviations.map(::coordinates)

    /** Root of the mean squared deviation of a unit. */
    public val spread: Double = sqrt(deviations.sumOf { dot(it, it) } / (rows.size * units))

    private fun coordinates(deviation: DoubleArray) = DoubleArray(axes.size) { dot(deviation, axes[it]) }

    private fun ofCovariance(): List<DoubleArray> {
        val matrix = Array(units) { i -> DoubleArray(units) { j -> deviations.sumOf { it[i] * it[j] } } }
        return eigenvectors(matrix).map { (_, vector) -> vector }
    }

    /** Returns the axes from the products of all pairs of vectors, whose matrix has the same eigenvalues. */
    private fun ofProducts(): List<DoubleArray> {
        val matrix = Array(deviations.size) { i -> DoubleArray(deviations.size) { dot(deviations[i], deviations[it]) } }
        return eigenvectors(matrix).map { (value, weights) ->
            val axis = DoubleArray(units)
            deviations.forEachIndexed { row, deviation ->
                for (unit in axis.indices) axis[unit] += weights[row] * deviation[unit]
            }
            axis.also { for (unit in it.indices) it[unit] /= sqrt(value) }
        }
    }

    private fun eigenvectors(matrix: Array<DoubleArray>): List<Pair<Double, DoubleArray>> {
        val found = EigenDecompositionSymmetric(Array2DRowRealMatrix(matrix, false))
        val values = found.eigenvalues
        val order = values.indices.sortedByDescending { values[it] }
        val least = SMALL * values[order.first()]
        return order.filter { values[it] > least && values[it] > 0 }.map {
            values[it] to
                found.getEigenvector(it).toArray()
        }
    }

    private companion object {
        /** Variances below this share of the largest one may be rounding of float32. */
        const val SMALL = 1e-10
    }
}

/** Returns the scalar product of two vectors of one length. */
public fun dot(
    a: DoubleArray,
    b: DoubleArray,
): Double {
    var sum = 0.0
    for (i in a.indices) sum += a[i] * b[i]
    return sum
}
