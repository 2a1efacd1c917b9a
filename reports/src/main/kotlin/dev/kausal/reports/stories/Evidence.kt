package dev.kausal.reports.stories

import dev.kausal.reports.result.Grid
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

/** How the intervals and p of a figure came about. */
internal fun inferenceSentence(grid: Grid): String? {
    val inferred = grid.result.inference ?: return null
    val sample = sampleWords(inferred)
    val none = grid.result.ciLow.all { it == null }
    val head = if (none) "No intervals" else "Intervals: ${percent(inferred)}, ${intervalWords(inferred)}"
    if (grid.result.pCorrected.all { it == null }) return "$head; $sample."
    val flips = if (inferred.exact) "all ${inferred.flips}" else "${inferred.flips}"
    // Bundles without a smallest effect are older, and their p are of sign flips alone.
    val older = grid.result.smallest == null
    val test = if (older) "$flips sign flips" else "the larger of $flips sign flips' and the bootstrap of t's"
    return "$head; p: $test, ${correctionWords(inferred)}; $sample."
}

private fun intervalWords(inferred: Inferred): String =
    when (inferred.interval) {
        IntervalKind.Studentised -> {
            if (inferred.share) {
                "exact ones of shares (Clopper and Pearson)"
            } else {
                "1 + 2/n times as far as Student's t or the bootstrap of t reaches, whichever is further"
            }
        }

        IntervalKind.Percentile -> {
            "percentile bootstrap"
        }

        IntervalKind.BiasCorrected -> {
            "bias-corrected and accelerated bootstrap"
        }
    }

internal fun percent(inferred: Inferred): String = "${number(100 * inferred.level, 0)} %"

internal fun sampleWords(inferred: Inferred): String {
    val also =
        if (inferred.also.isEmpty()) {
            ""
        } else {
            ", errors allowing for examples that share ${listed(inferred.also.map(::sharedWords))}"
        }
    return if (inferred.by == Grouping.Example) {
        "n = ${inferred.clusters}$also"
    } else {
        "n = ${inferred.clusters} groups of one ${inferred.by.words}$also"
    }
}

private fun sharedWords(grouping: Grouping): String =
    when (grouping) {
        Grouping.CorruptedSubject -> "a subject with a corrupted prompt"
        Grouping.Foil -> "an answer or foil"
        Grouping.Template -> "a phrasing"
        else -> "a ${grouping.words}"
    }

internal fun correctionWords(inferred: Inferred): String {
    val all = if (inferred.results > 1) " and ${inferred.results} results" else ""
    return when (inferred.correction) {
        Correction.FamilyWise -> {
            "corrected for all cells by the largest statistic" +
                if (all.isEmpty()) "" else "$all (Bonferroni)"
        }

        Correction.BenjaminiHochberg -> {
            "corrected for all cells$all after Benjamini and Hochberg"
        }

        Correction.None -> {
            "not corrected for the number of cells"
        }
    }
}

/** The controls of a figure, each in a sentence. */
internal fun controlSentences(grid: Grid): List<String> =
    grid.result.controls.map { control ->
        val place = grid.words(control.cell).ifEmpty { "the only cell" }
        val n = count(control.perExample.count { it != null }, "example")
        val effect = grid.effect(control.cell)
        val expected = number(control.expected, 0)
        val verdict =
            when {
                control.expected == null -> {
                    "${number(control.mean)}${between(control)}, over $n; the effect there is ${number(effect)}"
                }

                control.passed == null -> {
                    "not defined for these prompts"
                }

                control.passed == true -> {
                    "$expected to within ${rounded(control.deviation)} in all of $n, as it must be" +
                        reach(control, "; float32 rounding here reaches ")
                }

                else -> {
                    "should be $expected, but is off by up to ${rounded(control.deviation)}" +
                        reach(control, " where float32 rounding reaches ") + ": do not trust this figure"
                }
            }
        "Control, ${controlWords(control.kind)} at $place: $verdict."
    }

/** Bundles of earlier versions do not say what rounding allows. */
private fun reach(
    control: Control,
    words: String,
): String = control.allowed?.let { words + rounded(it) }.orEmpty()

/** Two digits where three decimals would show none. */
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
        ControlKind.Identity -> "patching the run with itself"
        ControlKind.FullStream -> "patching the whole stream"
        ControlKind.ShuffledPairing -> "patching from another example (which removes the foil's fact as well)"
        ControlKind.RandomDirection -> "moving as far in random directions"
    }
