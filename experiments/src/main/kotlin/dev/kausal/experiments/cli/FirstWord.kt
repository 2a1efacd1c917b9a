package dev.kausal.experiments.cli

import dev.kausal.engine.names.NearestNames
import dev.kausal.experiments.script.ScriptSource
import dev.kausal.experiments.study.Studies

/** Turns `help` into an option, and suggests a command for an unknown first word. */
internal class FirstWord(
    private val commands: Collection<String>,
    private val studies: Studies,
) {
    /** Returns [words] with `help` and `help COMMAND` replaced by the option `--help`. */
    fun withHelp(words: List<String>): List<String> =
        if (words.firstOrNull() == HELP) words.drop(1).take(1) + "--help" else words

    /** Returns what is wrong with the first of [words]; null if it is a command or an option. */
    fun mistake(words: List<String>): String? {
        val word = words.firstOrNull() ?: return null
        if (word.startsWith("-") || word in commands) return null
        val runnable = word.endsWith(ScriptSource.SUFFIX) || studies.all.any { it.name == word }
        val meant = if (runnable) "run $word" else NearestNames.meant(word, commands).orElse(null)
        return "There is no command '$word'." + meant?.let { " Did you mean 'kausal $it'?" }.orEmpty() +
            " Commands: ${commands.joinToString()}."
    }

    private companion object {
        const val HELP = "help"
    }
}
