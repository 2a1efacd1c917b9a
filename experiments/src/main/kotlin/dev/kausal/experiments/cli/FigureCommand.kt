package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.options.switch
import com.github.ajalt.clikt.parameters.types.double
import com.github.ajalt.clikt.parameters.types.path
import com.github.ajalt.clikt.parameters.types.restrictTo
import dev.kausal.bundle.BundleFiles
import dev.kausal.experiments.FigureFormat
import dev.kausal.experiments.FigureOptions
import dev.kausal.reports.paper.COLUMN
import java.nio.file.Path

/** `kausal figure`. */
internal class FigureCommand(
    private val session: Session,
) : CliktCommand("figure") {
    private val bundle by argument("BUNDLE", help = "A folder written by 'kausal run'").path()
    private val figure by argument("NAME", help = "Number of a figure of its page, or name of a result")
    private val format: FigureFormat by option(help = "Format; default: --svg")
        .switch("--svg" to FigureFormat.SVG, "--pdf" to FigureFormat.PDF)
        .default(FigureFormat.SVG)
    private val example: String? by option(
        "--example",
        metavar = "NAME",
        help = "Label or place, from 0, of the example to draw if each has its own drawing; default: the first",
    )
    private val width: Double by option("--width", metavar = "MM", help = "Width in millimetres; default: $COLUMN")
        .double()
        .restrictTo(NARROWEST, WIDEST)
        .default(COLUMN)
    private val out: Path? by option("--out", metavar = "FILE", help = "Default: BUNDLE-NAME with the format's ending")
        .path()

    override fun help(context: Context): String =
        "Writes a figure of a bundle for a paper: as vectors, in light colours, with outlined text; prints its caption."

    override fun run() {
        BundleFiles.check(bundle)
        val written = session.workbench.figure(bundle, figure, FigureOptions(format, example, width, out))
        session.console.say("figure  ${written.file}\n${written.caption}")
    }

    private companion object {
        const val NARROWEST = 20.0
        const val WIDEST = 1000.0
    }
}
