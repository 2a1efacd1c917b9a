package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import java.util.Locale

/** Why a filter dropped a contrast, with the decisive numbers. */
@Serializable
public sealed interface DropFact {
    /** The rule, as a clause that holds for every contrast dropped for this reason. */
    public val rule: String

    /** The contrast's own value. */
    public val found: String

    /** [rule] and [found] in one clause. */
    public val text: String get() = "$rule ($found)"

    /** The answer, or the foil, has rank [rank] in a run in which it had to be among the [most] most likely. */
    @Serializable
    @SerialName("rank")
    public data class Rank(
        val role: AnswerRole,
        val rank: Int,
        val most: Int,
        val outputs: OutputKind,
        val image: Boolean,
    ) : DropFact {
        override val rule: String
            get() {
                val among = if (most == 1) {
                    "the likeliest ${outputs.one}"
                } else {
                    "among the $most likeliest ${outputs.many}"
                }
                return "the ${role.word} is not $among of the ${role.run} ${if (image) "image" else "prompt"}"
            }
        override val found: String get() = "rank $rank"
    }

    /**
     * The answer's logit minus the foil's is [difference], and had to be above [margin].
     *
     * @property whole whether it is the difference of log-likelihoods of whole answers, because one has several tokens
     */
    @Serializable
    @SerialName("margin")
    public data class Margin(
        val difference: Double,
        val margin: Double,
        val whole: Boolean = false,
    ) : DropFact {
        override val rule: String
            get() {
                val measured = if (whole) "log-likelihood difference" else "logit difference"
                return "the clean run's $measured is not above ${margin.toString().removeSuffix(".0")}"
            }
        override val found: String get() = decimals(difference)
    }

    /** The answer has rank [rank] among its [candidates], and had to be first. */
    @Serializable
    @SerialName("candidate")
    public data class Candidate(
        val rank: Int,
        val candidates: Int,
    ) : DropFact {
        override val rule: String get() = "another candidate is likelier than the answer"
        override val found: String get() = "rank $rank of $candidates"
    }

    /** The model is right, with [probability], about an input on which it had to be wrong. */
    @Serializable
    @SerialName("right")
    public data class Right(
        val probability: Double,
    ) : DropFact {
        override val rule: String get() = "the model is right about it"
        override val found: String get() = "probability ${decimals(probability)}"
    }

    /** The model is wrong with [probability], but is surer of the [most] mistakes that are kept. */
    @Serializable
    @SerialName("lessSure")
    public data class LessSure(
        val probability: Double,
        val most: Int,
    ) : DropFact {
        override val rule: String get() = "the model is wrong about it, but less sure than of the $most kept"
        override val found: String get() = "probability ${decimals(probability)}"
    }

    /**
     * The answer, or the foil, is not a single token of the model.
     *
     * @property spaced whether it is one with a leading blank
     */
    @Serializable
    @SerialName("tokens")
    public data class Tokens(
        val role: AnswerRole,
        val answer: String,
        val tokens: Int,
        val spaced: Boolean,
    ) : DropFact {
        override val rule: String get() = "the ${role.word} is $tokens tokens to this model"
        override val found: String
            get() = "\"$answer\"" + if (spaced) ", which is one token with a leading blank" else ""
    }
}

/** The answer, which is right for the clean input, or the foil, which is right for the corrupted one. */
@Serializable
public enum class AnswerRole(
    internal val word: String,
    internal val run: String,
) {
    @SerialName("answer")
    Answer("answer", "clean"),

    @SerialName("foil")
    Foil("foil", "corrupted"),
}

/** The kind of a model's outputs. */
@Serializable
public enum class OutputKind(
    /** Singular, in running text. */
    public val one: String,
    /** Plural, in running text. */
    public val many: String,
) {
    @SerialName("token")
    Token("token", "tokens"),

    @SerialName("class")
    Class("class", "classes"),
}

/** The kind of this model's outputs. */
public val ModelSpec.outputs: OutputKind get() = if (classes.isEmpty()) OutputKind.Token else OutputKind.Class

/**
 * Returns why [dropped] contrasts were dropped, one clause for each rule with the number of contrasts and their first
 * values: `in 2, another candidate is likelier than the answer (rank 3 of 4, rank 2 of 4)`.
 */
public fun droppedText(dropped: List<Dropped>): String =
    dropped.groupBy { it.fact?.rule ?: it.reason }.entries.joinToString("; ") { (rule, contrasts) ->
        val found = contrasts.mapNotNull { it.fact?.found }
        val more = if (found.size > SHOWN) ", ..." else ""
        "in ${contrasts.size}, $rule" +
            if (found.isEmpty()) "" else found.take(SHOWN).joinToString(prefix = " (") + "$more)"
    }

/** Returns [value] with three decimals and the sign that running text has. */
internal fun decimals(value: Double): String = "%.3f".format(Locale.ROOT, value).replace("-", "\u2212")

private const val SHOWN = 3
