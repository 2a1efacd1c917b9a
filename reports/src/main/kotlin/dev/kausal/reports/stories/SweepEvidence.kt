package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.differing
import dev.kausal.reports.result.isTested
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.spec.ControlKind
import dev.kausal.spec.Inferred

/** A recovery is negligible if its whole interval is within this distance of 0. */
private const val LITTLE = 0.1

private const val NOT_TESTED =
    "Not tested against the unedited run, whose recovery is 1: use the metric without recovery for that."

/** Describes how many cells differ from no effect, and what that means. */
internal fun effectsFound(grid: ResultGrid): List<String> {
    if (grid.losesRecovery) return listOf(NOT_TESTED).takeIf { grid.result.estimate == null }.orEmpty()
    if (!isTested(grid)) return emptyList()
    val tested = grid.result.pCorrected.count { it != null }
    val differ = differing(grid).size
    val all = count(tested, "cell")
    val which = if (differ == 0) "None of $all differs" else "$differ of $all ${agree(differ, "differs", "differ")}"
    return listOf("$which from no effect at p < 0.05.") + EFFECT_MEANINGS.all(grid)
}

/** Describes how many cells are shown to restore little. */
internal fun failures(grid: ResultGrid): String? {
    if (!grid.isRecovery || grid.result.estimate != null) return null
    val tried = (0 until grid.cells).filter { grid.mean(it) != null && grid.interval(it) != null }
    val failed = tried.filter { cell -> grid.interval(cell)!!.let { (low, high) -> high < LITTLE && low > -LITTLE } }
    if (failed.isEmpty()) return null
    val verb = if (grid.losesRecovery) "keep" else "recover"
    val which = "${failed.size} of ${count(tried.size, "cell")} ${agree(failed.size, "${verb}s", verb)}"
    return "$which less than ${number(LITTLE, 1)}, interval included."
}

internal fun alarms(grid: ResultGrid): String? {
    val failed = grid.result.controls.filter { it.passed == false }
    if (failed.isEmpty()) return null
    val which = failed.map { "the ${controlWords(it.kind)} is off by ${rounded(it.deviation)}" }
    return "A control failed: ${listed(which)}. Do not trust these numbers."
}
