package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.formatOf
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.spec.Control
import dev.kausal.spec.ControlKind
import dev.kausal.spec.Correction
import dev.kausal.spec.Grouping
import dev.kausal.spec.Inferred
import dev.kausal.spec.IntervalKind
import dev.kausal.spec.words
import java.util.Locale
import kotlin.math.abs

/** Describes how the intervals and p of a result were computed. */
internal fun inferenceSentence(grid: ResultGrid): String? {
    val inferred = grid.result.inference ?: return null
    val none = grid.result.ciLow.all { it == null }
    val intervals = if (none) "No intervals." else "${percent(inferred)} intervals: ${intervalWords(inferred)}."
    if (grid.losesRecovery || grid.result.pCorrected.all { it == null }) return intervals + clusterSentence(inferred)
    val flips = if (inferred.exact) "all ${inferred.flips} flips" else "${inferred.flips} flips"
    // Bundles without a smallest effect are older, and their p are from sign flips alone.
    val older = grid.result.smallest == null
    val test = "sign-flip test ($flips)".let { if (older) it else "the larger p of a $it and a bootstrap-t test" }
    return "$intervals p: $test, ${correctionWords(inferred)}.${clusterSentence(inferred)}"
}

private fun intervalWords(inferred: Inferred): String =
    when (inferred.interval) {
        IntervalKind.Studentised -> {
            if (inferred.share) {
                "exact, of shares (Clopper and Pearson)"
            } else {
                "1 + 2/n times the wider of Student's t and bootstrap-t"
            }
        }

        IntervalKind.Percentile -> {
            "percentile bootstrap"
        }

        IntervalKind.BiasCorrected -> {
            "BCa bootstrap"
        }
    }

internal fun percent(inferred: Inferred): String = "${number(100 * inferred.level, 0)} %"

/** Returns the size of a sample: `n = 142 subjects`. */
internal fun sizeWords(inferred: Inferred): String =
    if (inferred.by == Grouping.Example) {
        "n = ${inferred.clusters}"
    } else {
        "n = ${count(inferred.clusters, inferred.by.words)}"
    }

/** Returns the clusters of errors, after a blank; empty if examples are independent. */
internal fun clusterSentence(inferred: Inferred): String {
    val first = inferred.by.takeIf { it != Grouping.Example }?.words
    val by = listOfNotNull(first) + inferred.also.map(::clusterWords)
    return if (by.isEmpty()) "" else " Errors are clustered by ${listed(by)}."
}

private fun clusterWords(grouping: Grouping): String =
    when (grouping) {
        Grouping.CorruptedSubject -> "subject of either prompt"
        Grouping.Foil -> "answer or foil"
        Grouping.Template -> "phrasing"
        else -> grouping.words
    }

internal fun correctionWords(
    inferred: Inferred,
    cells: String = "cells",
): String {
    val results = if (inferred.results > 1) inferred.results else null
    return when (inferred.correction) {
        Correction.FamilyWise -> {
            "corrected over $cells by the largest statistic" +
                results?.let { " and over $it results by Bonferroni" }.orEmpty()
        }

        Correction.BenjaminiHochberg -> {
            "corrected over $cells${results?.let { " of $it results" }.orEmpty()} by Benjamini and Hochberg"
        }

        Correction.None -> {
            "not corrected for the number of $cells"
        }
    }
}

/** Describes the controls without a known outcome, with which effects are compared, in a sentence per cell. */
internal fun comparisons(grid: ResultGrid): List<String> =
    grid.result.controls.filter { it.expected == null }.groupBy { it.cell }.map { (cell, controls) ->
        val shown = controls.map { "${controlWords(it.kind)} ${number(it.mean)}${between(it)}" }
        "Compared with ${number(grid.effect(cell))} at ${place(grid, cell)}: ${listed(shown)}."
    }

/** Describes the controls with a known outcome, in a sentence per cell. */
internal fun controlSentences(grid: ResultGrid): List<String> =
    grid.result.controls.filter { it.expected != null }.groupBy { it.cell }.map { (cell, controls) ->
        "Controls at ${place(grid, cell)}: ${controls.joinToString("; ") { controlVerdict(grid, it) }}."
    }

private fun place(
    grid: ResultGrid,
    cell: Int,
): String = grid.where(cell)

private fun controlVerdict(grid: ResultGrid, control: Control): String {
    val expected = number(control.expected, 0)
    val verdict =
        when {
            control.passed == null -> "not defined for these prompts"

            control.passed == true -> "$expected, off by at most ${rounded(control.deviation)}${reach(grid, control)}"

            else -> "must be $expected, off by ${rounded(
                control.deviation,
            )}${reach(grid, control)}: do not trust this figure"
        }
    return "${controlWords(control.kind)} $verdict"
}

/** Returns the rounding that a control allows; bundles of earlier versions lack it. */
private fun reach(grid: ResultGrid, control: Control): String =
    control.allowed?.let { " (${formatOf(grid)} rounding: ${rounded(it)})" }.orEmpty()

/** Formats [value] with three decimals, or with two digits if these would all be 0. */
internal fun rounded(value: Double?): String =
    when {
        value == 0.0 -> "0"
        value == null || abs(value) >= 0.001 -> number(value)
        else -> "%.1e".format(Locale.ROOT, value)
    }

internal fun between(control: Control): String {
    val low = control.ciLow ?: return ""
    val high = control.ciHigh ?: return ""
    return " (${number(low)} to ${number(high)})"
}

internal fun controlWords(kind: ControlKind): String =
    when (kind) {
        ControlKind.Identity -> "identity patch"
        ControlKind.FullStream -> "full-stream patch"
        ControlKind.ShuffledPairing -> "patch from another example"
        ControlKind.RandomDirection -> "random directions of equal norm"
    }
