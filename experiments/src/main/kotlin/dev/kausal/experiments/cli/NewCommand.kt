package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.enum
import dev.kausal.experiments.script.Starter

/** `kausal new`. */
internal class NewCommand(
    private val session: Session,
) : CliktCommand("new") {
    private val scriptName by argument("NAME", help = "The experiment's name; the file is NAME.kausal.kts")
    private val kind by option("--kind", help = "Kind of model; default: language")
        .enum<Starter> { it.name.lowercase() }
        .default(Starter.Language)

    override fun help(context: Context): String = "Writes a commented starter script to the current folder."

    override fun run() {
        val file = kind.write(session.folder, scriptName)
        session.console.say("script  $file")
        session.console.complain("Run it with: ./kausal run $file")
    }
}
