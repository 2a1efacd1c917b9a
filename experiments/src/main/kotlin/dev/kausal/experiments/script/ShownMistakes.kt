package dev.kausal.experiments.script

import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.dsl.mistakes.ToldMistake
import dev.kausal.run.context.ScriptCodeException

/** Formats a script's mistakes for its author: each with its place, its line and a mark under the error. */
internal object ShownMistakes {
    /** A call that spans several lines is located by one of them; its arguments may be below. */
    private const val LINES_BELOW = 8
    private val TELLING = Regex("[a-z]\\w{3,}")

    fun of(source: ScriptSource, found: ScriptMistakes): String {
        val count = if (found.told.size == 1) "a mistake" else "${found.told.size} mistakes"
        val blocks = found.told.joinToString("\n") { error(source, it).shownIn(source) }
        return "${source.shown} has $count:\n$blocks"
    }

    /** Formats a failure of the script's own code, with its line. */
    fun of(
        source: ScriptSource,
        failed: ScriptCodeException,
    ): String {
        val line = failed.line ?: return failed.message.orEmpty()
        return wholeLine(source, failed.message.orEmpty(), line).shownIn(source)
    }

    private fun error(source: ScriptSource, told: ToldMistake): ScriptError {
        val first = told.mistake.line ?: return ScriptError(told.message)
        told.mistake.written.firstNotNullOfOrNull { place(source, first, it) }?.let { (line, columns) ->
            return ScriptError(told.message, line, columns.first + 1, columns.count())
        }
        return wholeLine(source, told.message, first)
    }

    /** Returns an error that marks a whole line. */
    private fun wholeLine(
        source: ScriptSource,
        message: String,
        line: Int,
    ): ScriptError {
        val text = source.line(line).orEmpty()
        val start = text.indexOfFirst { !it.isWhitespace() }.coerceAtLeast(0)
        return ScriptError(message, line, start + 1, text.trim().length)
    }

    /**
     * Finds [written]: in the mistake's line, or below it if it is a text or a word of the DSL; a number could be any
     * there.
     */
    private fun place(source: ScriptSource, first: Int, written: String): Pair<Int, IntRange>? {
        val word = Regex("(?<!\\w)${Regex.escape(written)}(?!\\w)")
        word.find(source.line(first).orEmpty())?.let { return first to it.range }
        for (line in first + 1..first + LINES_BELOW) {
            val text = source.line(line) ?: break
            val start = text.indexOf("\"$written\"")
            if (start >= 0) return line to start + 1..start + written.length
            if (TELLING.matches(written)) word.find(text)?.let { return line to it.range }
        }
        return null
    }
}
