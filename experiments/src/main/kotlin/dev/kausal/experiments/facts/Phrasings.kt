package dev.kausal.experiments.facts

import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json

/**
 * Patterns with `{}` for the subject.
 *
 * @property taught those that models are trained on
 * @property heldOut those that they are only tested on
 */
@Serializable
internal data class Wordings(
    val taught: List<String>,
    val heldOut: List<String>,
)

/** Sentences that end where the answer begins, by relation. */
internal class Phrasings private constructor(
    private val byKey: Map<String, Wordings>,
) {
    /** The phrasings of a relation. */
    operator fun get(relation: Relation): Wordings = byKey.getValue(relation.key)

    companion object {
        /** The phrasings that Kausal carries. */
        val builtIn: Phrasings by lazy { Phrasings(Json.decodeFromString(FactFiles.text("phrasings.json"))) }
    }
}

/**
 * A phrase that states a user's opinion before the question; `{}` stands for the opinion.
 *
 * @property givesIn share of training dialogues in which the answer follows a wrong opinion
 */
@Serializable
internal data class Asking(
    val name: String,
    val givesIn: Double,
    val taught: List<String>,
    val heldOut: List<String>,
) {
    /** Whether an opinion is given at all. */
    val hasOpinion: Boolean get() = taught.all { MARK in it }
}

/**
 * Questions, and how they are asked.
 *
 * @property asking ways of asking; the first has no opinion
 */
@Serializable
internal class Dialogues private constructor(
    private val questions: Map<String, Wordings>,
    val asking: List<Asking>,
) {
    /** The questions for a relation. */
    fun questions(relation: Relation): Wordings = questions.getValue(relation.key)

    companion object {
        /** The dialogues that Kausal carries. */
        val builtIn: Dialogues by lazy { Json.decodeFromString(FactFiles.text("dialogues.json")) }

        /** A dialogue up to where the answer begins. */
        fun prompt(
            opinion: String,
            question: String,
        ): String = "${opinion}Question: $question Answer:"
    }
}

/** What stands for the subject, or the opinion, in a pattern. */
internal const val MARK = "{}"

/** The pattern with [text] in its place. */
internal fun String.about(text: String): String = replace(MARK, text)
