package dev.kausal.dsl.mistakes

/** Answers of several tokens cannot be measured as written. */
public sealed interface LikelihoodMistake : Mistake.InterventionMistake {
    /** Name of the metric, or of what needs single tokens. */
    public val metric: String

    public data class SeveralTokens(
        override val line: Int?,
        override val metric: String,
        val text: String,
    ) : LikelihoodMistake

    public data class TooLong(
        override val line: Int?,
        override val metric: String,
        val example: String,
        val length: Int,
        val tokens: Int,
        val context: Int,
        val others: Int,
    ) : LikelihoodMistake

    public data class Contained(
        override val line: Int?,
        override val metric: String,
        val example: String,
        val shorter: String,
        val longer: String,
    ) : LikelihoodMistake

    public data class OfPromptOnly(
        override val line: Int?,
        override val metric: String,
        val what: String,
    ) : LikelihoodMistake

    public data class HookWithPlace(
        override val line: Int?,
        override val metric: String,
        val hook: String,
    ) : LikelihoodMistake

    public data class OfEdges(override val line: Int?, override val metric: String) : LikelihoodMistake

    public data class SeveralEstimated(
        override val line: Int?,
        override val metric: String,
        val example: String,
    ) : LikelihoodMistake
}
