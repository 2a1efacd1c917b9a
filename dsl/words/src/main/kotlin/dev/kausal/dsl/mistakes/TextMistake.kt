package dev.kausal.dsl.mistakes

/** A text cannot be written as asked. */
public sealed interface TextMistake : Mistake.InterventionMistake {
    public data class TooLong(
        override val line: Int?,
        val example: String,
        val length: Int,
        val tokens: Int,
        val context: Int,
        val others: Int,
    ) : TextMistake

    public data class OfPromptOnly(override val line: Int?, val what: String) : TextMistake

    public data class AtAttention(override val line: Int?, val hook: String) : TextMistake

    public data class HookWithPlace(override val line: Int?, val hook: String) : TextMistake
}
