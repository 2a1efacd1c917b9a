package dev.kausal.reports.result

import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.MetricSpec

private const val TURNED = 2
private const val SHIFT = 3
private const val BEYOND = 4

/** The cells of a behaviour result: each group, alone and beyond the controls. */
internal class BehaviourGroups(
    val grid: ResultGrid,
) {
    val names: List<String> = grid.axes[0].labels

    /** The difference of answer and foil that shifts, in running text. */
    val metric: String = metricWords(grid.analysis?.baseline ?: MetricSpec.LogitDifference)

    val controls: List<String> = grid.analysis?.controlGroups.orEmpty().filter { it in names }

    /** Groups that are not controls. */
    val others: List<Int> = names.indices.filter { names[it] !in controls }

    /** Cells with a significant effect. */
    val found: Set<Int> = found(grid)

    /** Why no test can be significant; null if one can. */
    val few: String? = grid.result.inference?.let(::tooFew)

    fun clean(group: Int): Int = cell(group, 0)

    fun corrupted(group: Int): Int = cell(group, 1)

    fun turned(group: Int): Int = cell(group, TURNED)

    fun shift(group: Int): Int = cell(group, SHIFT)

    fun turnedBeyond(
        group: Int,
        control: Int,
    ): Int = cell(group, BEYOND + 2 * control)

    fun shiftBeyond(
        group: Int,
        control: Int,
    ): Int = cell(group, BEYOND + 2 * control + 1)

    private fun cell(
        group: Int,
        quantity: Int,
    ) = grid.index(listOf(group, quantity))

    /** Returns the number of examples in [group]. */
    fun size(group: Int): Int = grid.result.perExample.count { it[turned(group)] != null }

    /** Returns the verdict of the test of a shift beyond a control. */
    fun verdict(shift: Int): String {
        val p = pOf(grid, shift)
        val smallest = grid.result.smallest
        val interval = grid.interval(shift)
        return when {
            few != null -> {
                few
            }

            p == null -> {
                "not tested"
            }

            shift in found -> {
                if ((grid.mean(shift) ?: 0.0) < 0) "larger shift to the foil" else "smaller shift"
            }

            p < CLAIM -> {
                "different by less than the smallest effect of interest"
            }

            smallest != null && interval != null && interval.first > -smallest && interval.second < smallest -> {
                "any difference is below ${number(smallest)}, the smallest effect of interest"
            }

            else -> {
                "no difference found"
            }
        }
    }
}

/** −ln 0.05: with a chance of 3/n each, n examples all miss in 5 % of samples. */
private const val RULE_OF_THREE = 3.0

/** Returns the interval of a share; by the rule of three (Hanley and Lippman-Hand 1983) if all examples agree. */
internal fun shares(
    grid: ResultGrid,
    cell: Int,
): String {
    val (low, high) = grid.interval(cell) ?: return ""
    val n = grid.result.perExample.count { it[cell] != null }
    return if (low < high || n == 0) " (${share(low)} to ${share(high)})" else ofThree(high, n)
}

/** Returns the interval of a share of [n] examples that all agree, so that it is 0 or 1. */
internal fun ofThree(
    value: Double,
    n: Int,
): String {
    val bound = (RULE_OF_THREE / n).coerceAtMost(1.0)
    return if (value < 1) " (0 % to ${share(bound)})" else " (${share(1 - bound)} to 100 %)"
}

internal fun share(value: Double?): String = if (value == null) "not computed" else "${number(100 * value, 0)} %"

/** Formats a difference of shares: `+12 points`. */
internal fun points(value: Double?): String =
    if (value == null) "not computed" else signed(100 * value, 0) + " points"
