package dev.kausal.experiments.script

import java.io.Serializable

/** One error in a script. [line] and [column] count from 1; null if unknown. */
internal data class ScriptError(
    val message: String,
    val line: Int? = null,
    val column: Int? = null,
    val length: Int = 1,
) : Serializable {
    /** Returns place and message, then the line with a mark under the error. */
    fun shownIn(source: ScriptSource): String {
        val line = line ?: return "${source.shown}: $message"
        val column = column ?: 1
        val place = "${source.shown}:$line:$column: $message"
        val text = source.line(line) ?: return place
        return "$place\n    $text\n    ${caret(text, column)}"
    }

    /** Keeps tabs, so that the caret is under its column. */
    private fun caret(text: String, column: Int): String {
        val indent = text.take(column - 1).map { if (it == '\t') '\t' else ' ' }.joinToString("")
        val width = length.coerceIn(1, (text.length - column + 1).coerceAtLeast(1))
        return indent + "^".repeat(width)
    }

    private companion object {
        private const val serialVersionUID = 1L
    }
}
