package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.UsageError
import com.github.ajalt.clikt.parameters.groups.provideDelegate
import com.github.ajalt.clikt.parameters.options.convert
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.path
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

    override fun help(context: Context): String = "Runs a script and writes its bundle: numbers, report, environment."

    override fun run() {
        val progress = shown.on(session)
        cluster()
        shard?.let { return runShard(it, progress) }
        // Before the script compiles, so that a mistake in --out is reported without delay.
        out?.let(BundleWriter::check)
        val script = session.evaluate(target, common.parameters)
        val options = options(session.command)
        val bundle =
            Resumable(session.console).use {
                progress.use { session.workbench.run(script, options, it) }
            }
        session.told(bundle, open)
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
}
