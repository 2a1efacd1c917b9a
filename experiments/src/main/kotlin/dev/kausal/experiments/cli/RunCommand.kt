package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.UsageError
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
import dev.kausal.experiments.cluster.ClusterOptions
import dev.kausal.experiments.shards.ShardFolder
import dev.kausal.experiments.shards.ShardName
import dev.kausal.run.context.Assignment.ShardOf
import java.nio.file.Path

/** `kausal run`. */
internal class RunCommand(
    private val session: Session,
) : CliktCommand("run") {
    private val target by target()
    private val common by ScriptOptions()
    private val shown by ShownProgressOptions()
    private val open by openOption()
    private val out: Path? by option("--out", metavar = "DIR", help = "Folder of the bundle, new or empty").path()
    private val machine by MachineOptions()
    private val exact: Boolean by option(
        "--exact",
        help = "Runs one plain forward pass per cell, as a reference",
    ).flag()

    private val clusters by ClusterOptionGroup()

    private val shard: ShardOf? by option(
        "--shard",
        metavar = "I/N",
        help = "Computes one of N shards of the run, in the folder --out; 'kausal merge DIR' then writes the bundle",
    )
        .convert { ShardName.parse(it) ?: fail("'$it' is not a shard such as 3/16, from 1/16 to 16/16") }

    private val force: Boolean by option(
        "--force",
        help = "Replaces a bundle in --out once the new one is complete; other files there are kept",
    ).flag()

    private val watch: Boolean by option(
        "--watch",
        help = "Runs the script again whenever it or a file it names is saved, reusing what has not changed, and " +
            "serves a report that refreshes itself, to this machine only",
    ).flag()

    private val port: Int? by option("--port", metavar = "N", help = "Port of the page of --watch; default: a free one")
        .int()
        .restrictTo(1..MOST_PORT)

    override fun help(context: Context): String = "Runs a script and writes its bundle: numbers, report, environment."

    override fun run() {
        checkTogether()
        // Before the script compiles, so that a mistake in --out is reported without delay.
        if (shard == null) out?.let(::checkPlace)
        if (watch) return WatchedScript(session, target, shown).watch(options(session.command), port ?: 0, open)
        val progress = shown.on(session)
        cluster()
        shard?.let { return runShard(it, progress) }
        val script = session.evaluate(target, common.parameters)
        val options = options(session.command)
        val bundle =
            Resumable(session.console).use {
                progress.use { session.workbench.run(script, options, it) }
            }
        session.told(bundle, open)
    }

    private fun checkTogether() {
        if (shard != null && watch) throw UsageError("--watch runs a whole script, --shard a part of it; leave one out")
        if (shard != null && force) throw UsageError("--force replaces a bundle, --shard adds to one; leave one out")
        if (clusters.cluster != null && watch) throw UsageError("--watch computes on this machine; leave out --cluster")
        if (port != null && !watch) throw UsageError("--port is the port of the page of --watch, which is not given")
    }

    private fun checkPlace(folder: Path) {
        if (options(session.command).replaces(folder)) BundleFiles.check(folder) else BundleWriter.check(folder)
    }

    private fun options(command: List<String>) =
        RunOptions(
            common.model,
            out,
            common.parameters,
            machine.threads,
            machine.memory,
            exact,
            command,
            device = machine.device,
            precision = machine.precision,
            cluster = cluster(),
            replace = force,
        )

    private fun cluster(): ClusterOptions? {
        val asked = clusters.cluster ?: return null
        if (shard != null) throw UsageError("--cluster divides a run itself: leave out --shard")
        if (machine.device.isGpu) throw UsageError("--cluster computes on processors: leave out --device")
        return asked
    }

    private fun runShard(shard: ShardOf, progress: ShownProgress) {
        val folder = out ?: throw UsageError("--shard needs --out DIR, the folder that all shards share")
        ShardFolder(folder).check()
        val script = session.evaluate(target, common.parameters)
        val options = options(ShardName.withoutShard(session.command))
        val report =
            Resumable(session.console).use {
                progress.use { session.workbench.shard(script, options, shard, it) }
            }
        val parts = if (report.computed == 1) "1 part" else "${report.computed} parts"
        val found = if (report.found == 0) "" else ", ${report.found} there before"
        session.console.say(
            "shard   ${ShardName.of(shard)} of ${report.experiment}: $parts computed$found",
        )
        report.next("$folder").forEach { session.console.say("next    $it") }
    }

    private companion object {
        const val MOST_PORT = 65_535
    }
}
