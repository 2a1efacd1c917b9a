package dev.kausal.statistics

import kotlin.math.sqrt

/**
 * Dependence of examples beyond their clusters: examples with a common label, such as the subject of their corrupted
 * prompts (Cameron, Gelbach and Miller 2011; between any two roles, Aronow, Samii and Assenova 2015).
 *
 * @param labels labels of each example
 */
public class Dependence(
    labels: List<Set<Any>>,
) {
    private val neighbours: List<IntArray>

    init {
        val having = HashMap<Any, MutableList<Int>>()
        labels.forEachIndexed { example, own -> own.forEach { having.getOrPut(it) { mutableListOf() } += example } }
        neighbours =
            labels.mapIndexed { example, own ->
                (own.flatMap { having.getValue(it) } + example).distinct().toIntArray()
            }
    }

    /** Effective number of independent examples, if those with a common label were identical. */
    public val independent: Double
        get() {
            val pairs = neighbours.sumOf { it.size }
            return if (pairs == 0) 0.0 else neighbours.size.toDouble() * neighbours.size / pairs
        }

    /** Returns the factor, 1 or more, by which the standard error of [cell] exceeds the one for clusters alone. */
    public fun widening(
        ratio: Ratio,
        cell: Int,
    ): Double {
        val residuals = ratio.residuals(cell)
        val own = ratio.standardError(cell) ?: return 1.0
        if (own == 0.0) return 1.0
        var sum = 0.0
        for (example in residuals.indices) {
            for (other in neighbours[example]) sum += residuals[example] * residuals[other]
        }
        val over = ratio.below.sumOf { it[cell] }
        val groups = independent
        if (groups <= 1 || sum <= 0) return 1.0
        return maxOf(1.0, sqrt(sum * groups / (groups - 1)) / (kotlin.math.abs(over) * own))
    }
}
