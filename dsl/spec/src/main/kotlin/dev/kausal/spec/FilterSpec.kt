package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** Which contrasts of a set are kept, decided by what the model says before any intervention. */
@Serializable
public sealed interface FilterSpec {
    /** As results and reports write it. */
    public val text: String

    /**
     * Keeps contrasts whose clean prompt has the answer among the [rank] likeliest next tokens, and whose corrupted prompt,
     * where there is one with a foil and [corrupted] asks for it, has the foil there.
     */
    @Serializable
    @SerialName("knows")
    public data class Knows(
        val rank: Int,
        val corrupted: Boolean,
    ) : FilterSpec {
        override val text: String get() = "knows(rank = $rank" + (if (corrupted) ")" else ", corruptedToo = false)")
    }

    /** Keeps contrasts whose clean prompt gives the answer a logit that is more than [margin] above the foil's. */
    @Serializable
    @SerialName("prefers")
    public data class Prefers(
        val margin: Double,
    ) : FilterSpec {
        override val text: String get() = if (margin == 0.0) "prefersAnswer()" else "prefersAnswer(margin = $margin)"
    }

    /**
     * Keeps contrasts whose clean prompt gives the answer the highest log-likelihood of several candidates: those of the contrast
     * itself, or the answers and foils of all contrasts of the set that [by] puts in one group.
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
     * @property atMost those mistakes only that have the largest probability; null for all
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
 * What a filter did.
 *
 * @property contrasts the filtered set
 * @property rule the filter's [FilterSpec.text]
 * @property candidates how many contrasts there were
 * @property kept indices of those kept
 * @property dropped the others, with the first reason that applied
 * @property ranks where the answer stands in the clean prompt, for each contrast that the filter looked at; empty if the filter
 *   does not ask for the answer
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
 * Where an answer stands among what the model could say; 1 is the likeliest.
 *
 * @property rank among all tokens
 * @property among among the candidates of [FilterSpec.Among]; null for another filter
 * @property candidates how many these are; chance puts the answer first in one of so many
 */
@Serializable
public data class AnswerRank(
    val rank: Int,
    val among: Int? = null,
    val candidates: Int? = null,
)

/**
 * A contrast that a filter dropped, and why.
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

/** The same experiment with only those contrasts that the filters of a run kept. */
public fun ExperimentSpec.kept(filters: List<FilterResult>): ExperimentSpec {
    val byName = filters.associateBy { it.contrasts }
    return copy(
        contrasts =
            contrasts.map { set ->
                byName[set.name]?.let { set.copy(contrasts = set.contrasts.slice(it.kept)) } ?: set
            },
    )
}
