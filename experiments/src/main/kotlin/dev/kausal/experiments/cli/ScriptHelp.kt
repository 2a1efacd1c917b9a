package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.BaseCliktCommand
import dev.kausal.dsl.declare.DeclaredParameter
import dev.kausal.dsl.mistakes.ParameterType

/** The parameters of one script, for `run SCRIPT --help`. */
internal object ScriptHelp {
    /** Returns the script or study that [words] name for [command]; null if there is none. */
    fun target(command: BaseCliktCommand<*>, words: List<String>): String? {
        if (command.registeredArguments().none { it.name == TARGET }) return null
        val valued = command.registeredOptions().filter { it.nvalues.last > 0 }.flatMap { it.names }
        return words.zipWithNext { before, word -> word.takeIf { !it.startsWith("-") && before !in valued } }
            .firstNotNullOfOrNull { it }
    }

    /** Returns one line per parameter: name, type, default, description. */
    fun of(target: String, parameters: List<DeclaredParameter>): String {
        if (parameters.isEmpty()) return "$target has no parameters for --set."
        val cells = parameters.map { listOf(it.name, type(it.type), "default ${shown(it)}", it.help) }
        val widths = cells.first().indices.map { column -> cells.maxOf { it[column].length } }
        val lines = cells.map { row ->
            "  " +
                row.mapIndexed { i, cell -> cell.padEnd(widths[i]) }.joinToString("  ").trimEnd()
        }
        return (listOf("Parameters of $target, for --set NAME=VALUE:") + lines).joinToString("\n")
    }

    private fun shown(parameter: DeclaredParameter): String =
        if (parameter.type == ParameterType.Text) "\"${parameter.default}\"" else parameter.default

    private fun type(type: ParameterType): String =
        when (type) {
            ParameterType.Int -> "whole number"
            ParameterType.Double -> "number"
            ParameterType.Text -> "text"
            ParameterType.Boolean -> "true or false"
        }
}
