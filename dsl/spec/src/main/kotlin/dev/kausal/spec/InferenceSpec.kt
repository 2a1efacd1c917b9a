package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * How far numbers are taken to hold beyond the examples that they were measured on.
 *
 * @property level of the confidence intervals
 * @property interval how they are made
 * @property resamples draws of the bootstrap
 * @property flips random assignments of signs of the permutation test; all of them where there are fewer
 * @property correction for looking at many cells
 * @property clusters what is drawn and flipped together, since it depends on each other
 * @property smallest what is too small to be called an effect, as a share of what there is to explain: of the mean difference of
 *   clean and corrupted runs, where there are both
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

/** How an interval is made. */
@Serializable
public enum class IntervalKind {
    /** Of Student's t and the bootstrap of t, of a share Clopper and Pearson's; none where too few examples allow none. */
    @SerialName("studentised")
    Studentised,

    /** Quantiles of the bootstrap distribution. */
    @SerialName("percentile")
    Percentile,

    /** Bias-corrected and accelerated (Efron 1987). */
    @SerialName("bca")
    BiasCorrected,
}

/** What is done about many cells being tested at once. */
@Serializable
public enum class Correction {
    /** By the largest statistic over all cells (Westfall and Young 1993): any false finding is as rare as the level says. */
    @SerialName("familyWise")
    FamilyWise,

    /** The share of false findings among all (Benjamini and Hochberg 1995). */
    @SerialName("benjaminiHochberg")
    BenjaminiHochberg,

    @SerialName("none")
    None,
}

/** What examples can have in common. */
@Serializable
public enum class Grouping {
    /** Nothing: every example stands for itself. */
    @SerialName("example")
    Example,

    /** The marked words of the clean prompt, or the field `subject` of a contrast file. */
    @SerialName("subject")
    Subject,

    /** The marked words of the corrupted prompt, or the field `corruptedSubject` of a contrast file. */
    @SerialName("corruptedSubject")
    CorruptedSubject,

    /** The foil: the token that the corrupted prompt asks for. */
    @SerialName("foil")
    Foil,

    /** The field `template`: the phrasing. */
    @SerialName("template")
    Template,

    /** The field `relation`: the kind of fact. */
    @SerialName("relation")
    Relation,
}

/** What a group has in common, in running text: `subject`, `corrupted subject`. */
public val Grouping.words: String
    get() = if (this == Grouping.CorruptedSubject) "corrupted subject" else name.lowercase()

/** The group of a contrast; its own label where it is in none. */
public fun ContrastSpec.group(by: Grouping): String =
    groups[by] ?: when (by) {
        Grouping.Subject -> clean.subjectText ?: label
        Grouping.CorruptedSubject -> corrupted?.subjectText ?: label
        Grouping.Foil -> foil?.text?.trim() ?: label
        else -> label
    }

/** The marked words; null if none are. */
private val PromptSpec.subjectText: String?
    get() = subject?.let { tokens.subList(it.first, it.last + 1).joinToString("").trim() }
