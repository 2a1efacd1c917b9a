package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.multiple
import com.github.ajalt.clikt.parameters.groups.provideDelegate
import com.github.ajalt.clikt.parameters.types.path

/** `kausal merge`. */
internal class MergeCommand(
    private val session: Session,
) : CliktCommand("merge") {
    private val folders by argument(
        "DIR",
        help = "The --out of the shards, which becomes the bundle; shards of further folders are copied to the first",
    ).path().multiple(required = true)

    private val shown by ShownProgressOptions()
    private val open by openOption()

    override fun help(context: Context): String =
        "Merges the shards of a run into its bundle. Analyses that need all shards are computed now."

    override fun run() {
        val progress = shown.on(session)
        val run = session.workbench.sharded(folders.first())
        session.console.complain("merge runs ${run.target}, the script of these shards, with all of your rights")
        val script = session.evaluate(run.target, run.parameters)
        val bundle =
            Resumable(session.console).use {
                progress.use { session.workbench.merge(script, folders, it) }
            }
        session.told(bundle, open)
    }
}
