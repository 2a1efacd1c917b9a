package dev.kausal.experiments.script

import dev.kausal.dsl.Mistake
import dev.kausal.dsl.ScriptMistakes

/** A script's mistakes as its author reads them: each with its place, its line and a mark under what is meant. */
internal object ShownMistakes {
    /** A call that spans several lines is known by one of them; what it was given may stand below. */
    private const val LINES_BELOW = 8

    fun of(source: ScriptSource, found: ScriptMistakes): String {
        val count = if (found.mistakes.size == 1) "a mistake" else "${found.mistakes.size} mistakes"
        val blocks = found.mistakes.joinToString("\n") { error(source, it).shownIn(source) }
        return "${source.shown} has $count:\n$blocks"
    }

    private fun error(source: ScriptSource, mistake: Mistake): ScriptError {
        val first = mistake.line ?: return ScriptError(mistake.message)
        for (written in mistake.written) {
            for (line in first..first + LINES_BELOW) {
                val text = source.line(line) ?: break
                val at = Regex("(?<!\\w)${Regex.escape(written)}(?!\\w)").find(text) ?: continue
                return ScriptError(mistake.message, line, at.range.first + 1, written.length)
            }
        }
        val text = source.line(first).orEmpty()
        val start = text.indexOfFirst { !it.isWhitespace() }.coerceAtLeast(0)
        return ScriptError(mistake.message, first, start + 1, text.trim().length)
    }
}
