package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.multiple
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.enum
import com.github.ajalt.clikt.parameters.types.path
import dev.kausal.bundle.BundleFiles
import dev.kausal.experiments.export.BundleExport
import dev.kausal.experiments.export.ExportFormat
import java.nio.file.Path

/** `kausal export`. */
internal class ExportCommand(
    private val session: Session,
) : CliktCommand("export") {
    private val bundle by argument("BUNDLE", help = "A folder written by 'kausal run'").path()
    private val format: ExportFormat by option(
        "--format",
        help = "csv or parquet: tables, one row per example and cell; npz: NumPy's arrays. Default: csv",
    ).enum<ExportFormat> { it.name.lowercase() }.default(ExportFormat.CSV)
    private val results: List<String> by option(
        "--result",
        metavar = "NAME",
        help = "Exports this result; several times for several. Default: all",
    ).multiple()
    private val out: Path? by option(
        "--out",
        metavar = "PATH",
        help = "Folder of the tables, or the npz file. Default: BUNDLE-csv, BUNDLE-parquet or BUNDLE.npz",
    ).path()

    override fun help(context: Context): String =
        "Writes the numbers of a bundle for pandas, R and others: tables, or NumPy's arrays with their labels."

    override fun run() {
        BundleFiles.check(bundle)
        BundleExport.write(bundle, format, results, out).forEach { session.console.say("export  $it") }
    }
}
