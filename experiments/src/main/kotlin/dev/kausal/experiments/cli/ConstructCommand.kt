package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.required
import com.github.ajalt.clikt.parameters.types.choice
import com.github.ajalt.clikt.parameters.types.path
import dev.kausal.experiments.construction.Construction
import java.nio.file.Path

/** `kausal construct`. */
internal class ConstructCommand(
    private val session: Session,
) : CliktCommand("construct") {
    private val construction by argument("NAME", help = "A hand-built embedded model")
        .choice(Construction.all.associateBy { it.name })
    private val out: Path by option("--out", metavar = "DIR", help = "The model's folder").path().required()

    override fun help(context: Context): String = "Writes a hand-built embedded model and its card."

    override fun run() = session.console.say("model   ${construction.write(out)}")
}
