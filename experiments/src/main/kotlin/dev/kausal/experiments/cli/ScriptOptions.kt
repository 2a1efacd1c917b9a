package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.parameters.arguments.ArgumentDelegate
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.groups.OptionGroup
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.transformAll

/** Options shared by `run` and `explain`. */
internal class ScriptOptions : OptionGroup() {
    val model: String? by option(
        "--model",
        metavar = "REF",
        help = "Replaces the script's model: a catalog id, a folder, a .gguf file, hf:org/name@revision",
    )

    val parameters: Map<String, String> by option(
        "--set",
        metavar = "NAME=VALUE",
        help = "Sets a parameter of the script; once per name",
    ).convert { text ->
        val name = text.substringBefore('=', "").trim()
        if (name.isEmpty()) fail("'$text' is not of the form NAME=VALUE")
        name to text.substringAfter('=')
    }.transformAll { pairs ->
        val repeated = pairs.groupBy { it.first }.filterValues { it.size > 1 }.keys
        if (repeated.isNotEmpty()) fail("set more than once: ${repeated.joinToString()}; set each once")
        pairs.toMap()
    }
}

/** Name of the argument of [target]. */
internal const val TARGET: String = "SCRIPT|STUDY"

/** Declares the argument that names a script file or a study. */
internal fun CliktCommand.target(): ArgumentDelegate<String> =
    argument(TARGET, help = "A script file (*.kausal.kts), or a shipped study such as fact-recall")
