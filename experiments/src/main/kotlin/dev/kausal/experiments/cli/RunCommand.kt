package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.parameters.groups.provideDelegate
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.path
import com.github.ajalt.clikt.parameters.types.restrictTo
import dev.kausal.bundle.BundleFiles
import dev.kausal.bundle.BundleWriter
import dev.kausal.experiments.RunOptions
import java.nio.file.Path

/** `kausal run`. */
internal class RunCommand(
    private val session: Session,
) : CliktCommand("run") {
    private val target by target()
    private val common by ScriptOptions()
    private val out: Path? by option("--out", metavar = "DIR", help = "Folder of the bundle, new or empty").path()
    private val threads: Int? by option("--threads", metavar = "N", help = "Processor threads, 1 to $MOST_THREADS")
        .int()
        .restrictTo(1..MOST_THREADS)
    private val memory: Long? by option(
        "--memory",
        metavar = "SIZE",
        help = "Memory limit, weights included, such as 8g or 512m",
    )
        .convert { MemorySize.parse(it) ?: fail("'$it' is not a size such as 8g or 512m") }
    private val exact: Boolean by option(
        "--exact",
        help = "Runs one plain forward pass per cell, as a reference",
    ).flag()

    override fun help(context: Context): String = "Runs a script and writes its bundle: numbers, report, environment."

    override fun run() {
        // Before the script compiles, so that a mistake in --out is reported without delay.
        out?.let(BundleWriter::check)
        val script = session.evaluate(target, common.parameters)
        val options = RunOptions(common.model, out, common.parameters, threads, memory, exact, session.command)
        val bundle =
            Resumable(session.console).use {
                progressOn(session).use { progress -> session.workbench.run(script, options, progress) }
            }
        session.console.say("bundle  $bundle")
        session.console.say("report  ${bundle.resolve(BundleFiles.REPORT)}")
    }

    private companion object {
        /** More threads than this only compete for the processors. */
        val MOST_THREADS = 4 * Runtime.getRuntime().availableProcessors()
    }
}
