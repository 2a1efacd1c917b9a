package dev.kausal.experiments.facts

import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json

/**
 * Patterns with `{}` for the subject.
 *
 * @property taught patterns used in training
 * @property heldOut patterns used only in tests
 */
@Serializable
internal data class Wordings(
    val taught: List<String>,
    val heldOut: List<String>,
)

/** Sentences that end before the answer, by relation. */
internal class Phrasings private constructor(
    private val byKey: Map<String, Wordings>,
) {
    /** Returns the phrasings of a relation. */
    operator fun get(relation: Relation): Wordings = byKey.getValue(relation.key)

    companion object {
        /** The phrasings included in Kausal. */
        val builtIn: Phrasings by lazy { Phrasings(Json.decodeFromString(FactFiles.text("phrasings.json"))) }
    }
}

/**
 * A phrase that states a user's opinion before the question; `{}` is the opinion.
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
    /** Whether it states an opinion. */
    val hasOpinion: Boolean get() = taught.all { MARK in it }
}

/**
 * Questions, and ways of asking them.
 *
 * @property asking ways of asking; the first has no opinion
 */
@Serializable
internal class Dialogues private constructor(
    private val questions: Map<String, Wordings>,
    val asking: List<Asking>,
) {
    /** Returns the questions for a relation. */
    fun questions(relation: Relation): Wordings = questions.getValue(relation.key)

    companion object {
        /** The dialogues included in Kausal. */
        val builtIn: Dialogues by lazy { Json.decodeFromString(FactFiles.text("dialogues.json")) }

        /** Returns a dialogue up to the answer. */
        fun prompt(
            opinion: String,
            question: String,
        ): String = "${opinion}Question: $question Answer:"
    }
}

/** Placeholder of the subject, or the opinion, in a pattern. */
internal const val MARK = "{}"

/** Returns the pattern with [text] in place of the placeholder. */
internal fun String.about(text: String): String = replace(MARK, text)
