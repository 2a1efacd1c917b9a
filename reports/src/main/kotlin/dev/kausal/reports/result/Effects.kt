package dev.kausal.reports.result

import dev.kausal.reports.words.count
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.spec.Correction
import dev.kausal.spec.Inferred
import dev.kausal.spec.RandomSets
import dev.kausal.statistics.Studentised
import kotlin.math.abs

/** Significance level. */
internal const val CLAIM = 0.05

/** Minimum number of independent examples for a test. */
internal const val FEWEST = Studentised.FEWEST

/** The cells of a result whose change was tested against no effect. */
internal class TestedCells(
    grid: ResultGrid,
) {
    /** Whether any cell was tested. */
    val any: Boolean =
        grid.result.inference?.let { tooFew(it) == null } == true && !grid.losesRecovery &&
            grid.result.pCorrected.any { it != null }

    /** Cells that differ significantly from no effect, however little, in order. */
    val differing: Set<Int> =
        if (grid.losesRecovery) {
            emptySet()
        } else {
            (0 until grid.cells).filterTo(linkedSetOf()) { (grid.result.pCorrected.getOrNull(it) ?: 1.0) < CLAIM }
        }

    /** Those of them whose estimate is at least the smallest effect of interest. */
    val found: Set<Int> =
        differing.filterTo(linkedSetOf()) { abs(grid.effect(it) ?: 0.0) >= (grid.result.smallest ?: 0.0) }
}

/** Returns the cells of [grid] with an effect. */
internal fun found(grid: ResultGrid): Set<Int> = grid.tested.found

/** Returns the cells of [grid] that differ significantly from no effect, however little. */
internal fun differing(grid: ResultGrid): Set<Int> = grid.tested.differing

/** Returns whether any cell of [grid] was tested against no effect. */
internal fun isTested(grid: ResultGrid): Boolean = grid.tested.any

/** Returns why no test of [inferred] can be significant, whatever the effect; null if one can. */
internal fun tooFew(inferred: Inferred): String? =
    when {
        inferred.clusters < 2 -> "one independent example is too few for a test"
        inferred.clusters < FEWEST -> "${inferred.clusters} independent examples are too few for a test"
        else -> null
    }

/** Returns the effect of [cell], with its interval if it has one: `0.712 (0.601 to 0.803)`. */
internal fun valued(
    grid: ResultGrid,
    cell: Int,
): String = number(grid.effect(cell)) + within(grid, cell)

/** Returns the interval of the effect of [cell] in brackets, after a blank; empty if it has none. */
internal fun within(
    grid: ResultGrid,
    cell: Int,
): String = grid.interval(cell)?.takeIf { grid.result.change != null || grid.centre == 0.0 }?.let { (low, high) ->
    " (${number(low)} to ${number(high)})"
}.orEmpty()

/** Returns the corrected p of [cell]; null if none was computed, or none could be significant. */
internal fun pOf(
    grid: ResultGrid,
    cell: Int,
): Double? = if (untestable(grid) == null) grid.result.pCorrected.getOrNull(cell) else null

/** Returns why no p of [grid] could be significant, whatever the effect; null if one could, or if none was computed. */
internal fun untestable(grid: ResultGrid): String? {
    val inferred = grid.result.inference ?: return null
    if (grid.losesRecovery) return "p compares recovery with 0, the corrupted run"
    val sets = grid.result.randomSets
    return tooFew(inferred) ?: sets?.let { leastP(it, inferred) }?.takeIf { it >= CLAIM }?.let {
        "with ${count(sets.draws, "random set")}, the smallest possible p is ${number(it)}"
    }
}

/** Returns the smallest corrected p that a rank among [sets] can have. */
internal fun leastP(
    sets: RandomSets,
    inferred: Inferred,
): Double = (correctedFor(inferred) / (sets.draws + 1.0)).coerceAtMost(1.0)

/** Returns the number of results that each p is multiplied by. */
internal fun correctedFor(inferred: Inferred): Int =
    if (inferred.correction == Correction.FamilyWise) inferred.results else 1

/** Returns interval, p and sample of a cell, in brackets. */
internal fun evidence(
    grid: ResultGrid,
    cell: Int,
): String {
    val interval = grid.interval(cell)?.let { (low, high) -> "${number(low)} to ${number(high)}" }
    val p = pOf(grid, cell)?.let(::pWords)
    val n = grid.result.inference?.let { "n = ${it.clusters}" }
    val all = listOfNotNull(interval, p, n)
    return if (all.isEmpty()) "" else all.joinToString("; ", " (", ")")
}

/** Formats p: `p = 0.012`, `p < 0.001`. */
internal fun pWords(p: Double): String = if (p < 0.001) "p < 0.001" else "p = ${number(p)}"

/** Returns the smallest effect of interest, in the result's units; null if the result has none. */
internal fun smallestWords(grid: ResultGrid): String? = grid.result.smallest?.let { number(it) }

/** Returns the metric of a sweep before normalisation, in words. */
internal fun plainWords(grid: ResultGrid): String = metricWords(grid.plain)

/** Returns the format whose rounding [roundingOf] is. */
internal fun formatOf(grid: ResultGrid): String = grid.result.rounding?.format ?: "float32"

/** Returns the change that rounding alone may cause in the result's numbers. */
internal fun roundingOf(grid: ResultGrid): Double {
    grid.result.rounding?.let { return it.floor }
    val sizes = grid.result.mean + grid.result.baseline.values.flatten()
    return SINGLE * (sizes.filterNotNull().filter { it.isFinite() }.maxOfOrNull { abs(it) } ?: 0.0)
}

/** Relative rounding error of float32 runs, for results that did not measure it. */
private const val SINGLE = 1e-5
