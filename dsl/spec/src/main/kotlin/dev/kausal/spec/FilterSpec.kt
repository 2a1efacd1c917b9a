package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** Which contrasts of a set are kept, according to the model's unedited answers. */
@Serializable
public sealed interface FilterSpec {
    /** The filter as written in results and reports. */
    public val text: String

    /** Whether it judges answers of several tokens by their log-likelihood; the others need the one next token. */
    public val judgesWholeAnswers: Boolean get() = this is Prefers || this is Among

    /**
     * Keeps contrasts whose clean prompt has the answer among the [rank] most likely next tokens and, if [corrupted] is
     * set, whose corrupted prompt has its foil there, if it has one.
     */
    @Serializable
    @SerialName("knows")
    public data class Knows(
        val rank: Int,
        val corrupted: Boolean,
    ) : FilterSpec {
        override val text: String get() = "knows(rank = $rank" + (if (corrupted) ")" else ", corruptedToo = false)")
    }

    /**
     * Keeps contrasts whose clean prompt gives the answer a logit more than [margin] above the foil's; if they have several
     * tokens, a log-likelihood, which is the same difference for single tokens.
     */
    @Serializable
    @SerialName("prefers")
    public data class Prefers(
        val margin: Double,
    ) : FilterSpec {
        override val text: String get() = if (margin == 0.0) "prefersAnswer()" else "prefersAnswer(margin = $margin)"
    }

    /**
     * Keeps contrasts whose clean prompt gives the answer the highest log-likelihood among several candidates: the
     * contrast's own, or the answers and foils of all contrasts in the same group by [by].
     */
    @Serializable
    @SerialName("among")
    public data class Among(
        val by: Grouping,
    ) : FilterSpec {
        override val text: String
            get() = if (by == Grouping.Relation) "answersAmong()" else "answersAmong(per${by.name})"
    }

    /**
     * Keeps inputs for which the model's largest output is not the answer.
     *
     * @property atMost largest number to keep, those with the highest probability; null for all
     */
    @Serializable
    @SerialName("mistaken")
    public data class Mistaken(
        val atMost: Int?,
    ) : FilterSpec {
        override val text: String get() = "mistaken(" + (atMost?.let { "atMost = $it" } ?: "") + ")"
    }
}

/**
 * The outcome of a filter.
 *
 * @property contrasts name of the filtered set
 * @property rule the filter's [FilterSpec.text]
 * @property candidates number of contrasts before filtering
 * @property kept indices of the kept contrasts
 * @property dropped the others, with the first reason that applied
 * @property ranks rank of the answer in the clean prompt, for each contrast that the filter examined; empty if the
 *   filter does not use the answer
 */
@Serializable
public data class FilterResult(
    val contrasts: String,
    val rule: String,
    val candidates: Int,
    val kept: List<Int>,
    val dropped: List<Dropped>,
    val ranks: List<AnswerRank> = emptyList(),
)

/**
 * The rank of an answer among the model's outputs; 1 is the most likely.
 *
 * @property rank rank among all tokens; of an answer of several tokens, that of the first
 * @property among rank among the candidates of [FilterSpec.Among]; null for other filters
 * @property candidates number of candidates; chance puts the answer first in one of that many
 */
@Serializable
public data class AnswerRank(
    val rank: Int,
    val among: Int? = null,
    val candidates: Int? = null,
)

/**
 * A contrast that a filter dropped, with the reason.
 *
 * @property reason the rule of [fact], as a clause; its numbers are in [fact]
 * @property fact null in bundles of earlier versions
 */
@Serializable
public data class Dropped(
    val label: String,
    val reason: String,
    val fact: DropFact? = null,
) {
    public constructor(label: String, fact: DropFact) : this(label, fact.rule, fact)
}

/** Returns the experiment with only those contrasts that a run's filters kept. */
public fun ExperimentSpec.kept(filters: List<FilterResult>): ExperimentSpec {
    val byName = filters.associateBy { it.contrasts }
    return copy(
        contrasts =
            contrasts.map { set ->
                byName[set.name]?.let { set.copy(contrasts = set.contrasts.slice(it.kept)) } ?: set
            },
    )
}
