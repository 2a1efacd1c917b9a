package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.default
import com.github.ajalt.clikt.parameters.types.choice
import dev.kausal.bundle.BundleSchema

/** `kausal schema`. */
internal class SchemaCommand(
    private val session: Session,
) : CliktCommand("schema") {
    private val file by argument("FILE", help = "results (default), spec or environment")
        .choice(BundleSchema.entries.associateBy { it.word })
        .default(BundleSchema.RESULTS)

    override fun help(context: Context): String =
        "Prints the JSON Schema of a file of a bundle, as this version writes it."

    override fun run(): Unit = session.console.say(file.text().trimEnd())
}
