package dev.kausal.reports.stories

import dev.kausal.reports.result.Grid
import dev.kausal.reports.result.differing
import dev.kausal.reports.result.isTested
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.spec.ControlKind
import dev.kausal.spec.Inferred

/** A recovery whose whole interval is below it restores nothing that matters. */
private const val LITTLE = 0.1

/** How many cells differ, how that was tested, and what it means. */
internal fun effectsFound(
    grid: Grid,
    inferred: Inferred,
): List<String> {
    if (!isTested(grid)) return emptyList()
    val tested = grid.result.pCorrected.count { it != null }
    val sample = "${sampleWords(inferred)}; ${correctionWords(inferred)}"
    val differ = differing(grid).size
    val all = count(tested, "cell")
    val which = if (differ == 0) "None of $all differs" else "$differ of $all ${agree(differ, "differs", "differ")}"
    return listOf("$which from no effect at p < 0.05 ($sample).") + EFFECT_MEANINGS.all(grid)
}

/** Cells of which it is shown that they restore little. */
internal fun failures(grid: Grid): String? {
    if (!grid.isRecovery) return null
    val tried = (0 until grid.cells).filter { grid.mean(it) != null && grid.interval(it) != null }
    val failed = tried.filter { cell -> grid.interval(cell)!!.let { (low, high) -> high < LITTLE && low > -LITTLE } }
    if (failed.isEmpty()) return null
    val which = "In ${failed.size} of ${count(tried.size, "cell")}"
    return "$which, the whole interval lies within ${number(
        LITTLE,
        1,
    )} of the ${grid.floor} run: little or nothing is " +
        "restored there."
}

internal fun nulls(grid: Grid): String? {
    val rows = grid.result.controls.filter { it.kind == ControlKind.ShuffledPairing && it.mean != null }
    if (rows.isEmpty()) return null
    val cell = rows.first().cell
    val shown = rows.map { "${controlWords(it.kind)} ${number(it.mean)}${between(it)}" }
    return "At ${grid.words(cell).ifEmpty { "its only cell" }}, where the effect is ${number(grid.effect(cell))}, " +
        "${listed(shown)} to compare with."
}

internal fun alarms(grid: Grid): String? {
    val failed = grid.result.controls.filter { it.passed == false }
    if (failed.isEmpty()) return null
    val which = failed.map { "${controlWords(it.kind)} is off by ${rounded(it.deviation)}" }
    return "A control failed: ${listed(which)}. Do not trust these numbers."
}
