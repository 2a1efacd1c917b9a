package dev.kausal.run.directions

import dev.kausal.spec.DirectionFit
import dev.kausal.statistics.LogisticRegression
import dev.kausal.statistics.PrincipalAxes
import dev.kausal.statistics.Roc
import dev.kausal.statistics.dot

/**
 * A linear probe.
 *
 * @property direction its weights
 * @param offset added to their product with a vector
 */
internal class Probe(
    val direction: DoubleArray,
    private val offset: Double,
) {
    /** Returns a number above 0 if [vector] is taken to be of the first class. */
    fun score(vector: DoubleArray): Double = dot(direction, vector) + offset
}

/** Returns the probe that [fit] finds: logistic, or else the direction with its threshold midway between the classes' means. */
internal fun TwoClasses.probe(fit: DirectionFit): Probe {
    if (fit == DirectionFit.Logistic && rows.any { row -> row.indices.any { row[it] != rows[0][it] } }) {
        val found = LogisticRegression(PrincipalAxes(rows), isFirst)
        return Probe(found.weights, found.intercept)
    }
    val direction = direction(fit)
    val projected = rows.map { dot(direction, it) }
    val (first, second) = listOf(true, false).map { own ->
        projected.filterIndexed { i, _ -> isFirst[i] == own }.average()
    }
    return Probe(direction, -(first + second) / 2)
}

/**
 * The probe fitted on all of [classes], and those fitted outside of each half.
 *
 * @param half the half of each vector
 */
internal class HalvedProbe(
    private val classes: TwoClasses,
    private val half: List<Int>,
    fit: DirectionFit,
) {
    private val whole by lazy { classes.probe(fit) }
    private val outside = List(2) { own -> classes.at(half.indices.filter { half[it] != own }).probe(fit) }

    /** Returns the probe fitted outside of half [own]; of all vectors if it is null. */
    fun of(own: Int?): Probe = own?.let { outside[it] } ?: whole

    /** Returns the score of vector [row] by the probe fitted without it. */
    fun score(row: Int): Double = outside[half[row]].score(classes.rows[row])
}

/**
 * Returns each example's contribution to the area under the receiver operating characteristic of [scores], so that their mean is the
 * area and their variation that of the area (DeLong et al. 1988): the shares of the other class that its prompts are ranked
 * on the right side of.
 *
 * @param examples the example of each prompt
 * @return by example
 */
internal fun areaContributions(
    scores: List<Double>,
    isFirst: List<Boolean>,
    examples: List<Int>,
): Map<Int, Double> {
    val area = Roc(scores, isFirst).area
    val weights = listOf(true, false).associateWith { own -> scores.size.toDouble() / isFirst.count { it == own } }
    val others = listOf(true, false).associateWith { own -> scores.filterIndexed { i, _ -> isFirst[i] != own } }
    return scores.indices.groupBy { examples[it] }.mapValues { (_, own) ->
        own.map { i ->
            val sign = if (isFirst[i]) 1 else -1
            val right = others.getValue(isFirst[i]).map { other ->
                when {
                    scores[i] == other -> HALF
                    (scores[i] - other) * sign > 0 -> 1.0
                    else -> 0.0
                }
            }
            area + weights.getValue(isFirst[i]) * (right.average() - area)
        }.average()
    }
}

private const val HALF = 0.5
