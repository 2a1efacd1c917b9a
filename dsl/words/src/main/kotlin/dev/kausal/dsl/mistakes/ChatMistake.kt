package dev.kausal.dsl.mistakes

/** A dialogue cannot be written as a prompt. */
public sealed interface ChatMistake : Mistake.PromptMistake {
    public data class NoTemplate(override val line: Int?, val model: String) : ChatMistake

    public data class NoTurns(override val line: Int?) : ChatMistake

    public data class NotRendered(
        override val line: Int?,
        val chat: String,
        val why: String,
        val reason: Reason,
    ) : ChatMistake

    /** Why a template writes no text. */
    public enum class Reason { REFUSED, UNSUPPORTED, LIMIT }

    public data class SubjectChanged(override val line: Int?, val chat: String) : ChatMistake
}
