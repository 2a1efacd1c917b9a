package dev.kausal.run.directions

import dev.kausal.spec.DirectionFit
import dev.kausal.statistics.LogisticRegression
import dev.kausal.statistics.PrincipalAxes
import dev.kausal.statistics.dot
import kotlin.math.sqrt

/**
 * Vectors of two classes.
 *
 * @property rows the vectors
 * @property isFirst the class of each
 * @property pair the contrast that each belongs to
 */
internal class TwoClasses(
    val rows: List<DoubleArray>,
    val isFirst: List<Boolean>,
    val pair: List<Int>,
) {
    /** Mean norm of the vectors. */
    val meanNorm: Double get() = rows.map(::norm).average()

    /** Mean of the first class minus that of the second. */
    val difference: DoubleArray by lazy {
        val (first, second) = listOf(true, false).map { mean(it) }
        DoubleArray(first.size) { first[it] - second[it] }
    }

    private fun mean(first: Boolean): DoubleArray {
        val own = rows.filterIndexed { row, _ -> isFirst[row] == first }
        return DoubleArray(rows.first().size) { unit -> own.sumOf { it[unit] } / own.size }
    }

    /** Returns the differences within contrasts, of those with both prompts. */
    fun differences(): List<DoubleArray> =
        rows.indices.groupBy { pair[it] }.values.mapNotNull { own ->
            val first = own.firstOrNull { isFirst[it] }?.let { rows[it] }
            val second = own.firstOrNull { !isFirst[it] }?.let { rows[it] }
            if (first == null || second == null) null else DoubleArray(first.size) { first[it] - second[it] }
        }

    /** Returns the vectors at [places]. */
    fun at(places: List<Int>) = TwoClasses(places.map { rows[it] }, places.map { isFirst[it] }, places.map { pair[it] })
}

/**
 * Returns the direction that [fit] finds, as long as the difference of the classes' means along it and towards the first class; 0 if
 * the classes differ by no more than rounding.
 */
internal fun TwoClasses.direction(fit: DirectionFit): DoubleArray {
    val nothing = DoubleArray(rows.first().size)
    if (norm(difference) <= ROUNDING * meanNorm) return nothing
    val found =
        when (fit) {
            DirectionFit.MeanDifference -> difference
            DirectionFit.PrincipalDifference -> PrincipalAxes(differences(), centred = false).axes.first()
            DirectionFit.PrincipalComponent -> PrincipalAxes(rows).axes.first()
            DirectionFit.Logistic -> LogisticRegression(PrincipalAxes(rows), isFirst).weights
        }
    val length = norm(found)
    if (length == 0.0) return nothing
    val gap = dot(difference, found) / length
    return DoubleArray(found.size) { found[it] * gap / length }
}

/** Returns the Euclidean norm of [vector]. */
internal fun norm(vector: DoubleArray): Double = sqrt(dot(vector, vector))

/** Returns the cosine of two vectors; null if one is 0. */
internal fun cosine(
    a: DoubleArray,
    b: DoubleArray,
): Double? {
    val product = norm(a) * norm(b)
    return if (product == 0.0) null else dot(a, b) / product
}

/** Share of the activations' norm below which a difference may be rounding of float32. */
private const val ROUNDING = 1e-6
