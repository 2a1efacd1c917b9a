package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * Settings of intervals and tests: how far numbers generalise beyond the measured examples.
 *
 * @property level level of the confidence intervals
 * @property interval method of the intervals
 * @property resamples draws of the bootstrap
 * @property flips random sign assignments of the permutation test; all of them if there are fewer
 * @property correction correction for multiple cells
 * @property clusters grouping of dependent examples, which are drawn and flipped together
 * @property smallest smallest effect of interest, as a share of the mean difference of clean and corrupted runs, if
 *   there are both
 * @property controls whether runs with a known outcome accompany each sweep
 */
@Serializable
public data class InferenceSpec(
    val level: Double = 0.95,
    val interval: IntervalKind = IntervalKind.Studentised,
    val resamples: Int = 2000,
    val flips: Int = 4999,
    val correction: Correction = Correction.FamilyWise,
    val clusters: Grouping = Grouping.Subject,
    val controls: Boolean = true,
    val smallest: Double = 0.05,
)

/** Method of an interval. */
@Serializable
public enum class IntervalKind {
    /**
     * Student's t combined with the bootstrap of t, and Clopper-Pearson for shares; none if there are too few examples.
     */
    @SerialName("studentised")
    Studentised,

    /** Quantiles of the bootstrap distribution. */
    @SerialName("percentile")
    Percentile,

    /** Bias-corrected and accelerated (Efron 1987). */
    @SerialName("bca")
    BiasCorrected,
}

/** Correction for testing many cells. */
@Serializable
public enum class Correction {
    /**
     * By the largest statistic over all cells (Westfall and Young 1993): controls the probability of any false finding.
     */
    @SerialName("familyWise")
    FamilyWise,

    /** Controls the share of false findings (Benjamini and Hochberg 1995). */
    @SerialName("benjaminiHochberg")
    BenjaminiHochberg,

    @SerialName("none")
    None,
}

/** Properties that examples can share. */
@Serializable
public enum class Grouping {
    /** Nothing: examples are independent. */
    @SerialName("example")
    Example,

    /** The marked words of the clean prompt, or the field `subject` of a contrast file. */
    @SerialName("subject")
    Subject,

    /** The marked words of the corrupted prompt, or the field `corruptedSubject` of a contrast file. */
    @SerialName("corruptedSubject")
    CorruptedSubject,

    /** The foil: the right answer of the corrupted prompt. */
    @SerialName("foil")
    Foil,

    /** The field `template`: the phrasing. */
    @SerialName("template")
    Template,

    /** The field `relation`: the kind of fact. */
    @SerialName("relation")
    Relation,
}

/** The grouping in running text: `subject`, `corrupted subject`. */
public val Grouping.words: String
    get() = if (this == Grouping.CorruptedSubject) "corrupted subject" else name.lowercase()

/** Returns the group of a contrast; its own label if it has none. */
public fun ContrastSpec.group(by: Grouping): String =
    groups[by] ?: when (by) {
        Grouping.Subject -> clean.subjectText ?: label
        Grouping.CorruptedSubject -> corrupted?.subjectText ?: label
        Grouping.Foil -> foil?.text?.trim() ?: label
        else -> label
    }

/** The marked words; null if there are none. */
private val PromptSpec.subjectText: String?
    get() = subject?.let { tokens.subList(it.first, it.last + 1).joinToString("").trim() }
