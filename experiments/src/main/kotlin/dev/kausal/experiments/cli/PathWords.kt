package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CoreCliktCommand
import com.github.ajalt.clikt.parsers.ArgumentInvocation
import com.github.ajalt.clikt.parsers.CommandInvocation
import com.github.ajalt.clikt.parsers.CommandLineParser
import com.github.ajalt.clikt.parsers.OptionInvocation

/**
 * Parses words among which there may be paths with an equals sign. Clikt takes `/x=1` for an option with a value, as it does any
 * word with that sign which begins with neither a letter nor a digit. Options of `kausal` begin with a hyphen.
 */
internal object PathWords {
    /** Stands for the equals sign of a path while Clikt parses; a private-use character. */
    private const val HIDDEN = '\uE000'

    /** Parses [words] and runs the command that they name. */
    fun run(
        root: CoreCliktCommand,
        words: List<String>,
    ) {
        val parsed = CommandLineParser.parse(root, words.map(::hidden))
        CommandLineParser.run(shown(parsed.invocation)) { it.run() }
    }

    private fun hidden(word: String): String {
        val first = word.firstOrNull()
        val isPath = first != null && first != '-' && !first.isLetterOrDigit()
        return if (isPath) word.replace('=', HIDDEN) else word
    }

    /** Returns [text] as the user wrote it. */
    fun shown(text: String): String = text.replace(HIDDEN, '=')

    private fun shown(parsed: CommandInvocation<CoreCliktCommand>): CommandInvocation<CoreCliktCommand> =
        CommandInvocation(
            parsed.command,
            parsed.optionInvocations.mapValues { (_, all) ->
                all.map { OptionInvocation(it.name, it.values.map(::shown)) }
            },
            parsed.argumentInvocations.map { ArgumentInvocation(it.argument, it.values.map(::shown)) },
            parsed.subcommandInvocations.map(::shown),
            parsed.errors,
        )
}
