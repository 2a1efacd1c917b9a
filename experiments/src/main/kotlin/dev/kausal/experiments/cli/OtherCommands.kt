package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.groups.provideDelegate
import com.github.ajalt.clikt.parameters.types.path
import dev.kausal.experiments.RunOptions
import dev.kausal.experiments.bundle.BundleFiles

/** `kausal explain`. */
internal class ExplainCommand(
    private val session: Session,
) : CliktCommand("explain") {
    private val target by target()
    private val common by ScriptOptions()

    override fun help(context: Context): String =
        "Shows the plan of a script without running it: cells, rows x layers before and after each rewrite, FLOPs, memory."

    override fun run() {
        val script = session.evaluate(target, common.parameters)
        val options = RunOptions(common.model, parameters = common.parameters, command = session.command)
        session.console.say(session.workbench.explain(script, options).trimEnd())
    }
}

/** `kausal report`. */
internal class ReportCommand(
    private val session: Session,
) : CliktCommand("report") {
    private val bundle by argument("BUNDLE", help = "A folder that 'kausal run' wrote").path()

    override fun help(context: Context): String = "Writes the page of a bundle again."

    override fun run() {
        BundleFiles.check(bundle)
        session.console.say("report  ${session.workbench.report(bundle)}")
    }
}

/** `kausal models`. */
internal class ModelsCommand(
    private val session: Session,
) : CliktCommand("models") {
    override fun help(
        context: Context,
    ): String = "Lists the embedded models and the catalog, and which of it is on this machine."

    override fun run() {
        val lines = session.workbench.models()
        val refs = lines.maxOfOrNull { it.ref.length } ?: 0
        val states = lines.maxOfOrNull { it.state.length } ?: 0
        lines.forEach {
            session.console.say("${it.ref.padEnd(refs)}  ${it.state.padEnd(states)}  ${it.description}".trimEnd())
        }
    }
}

/** `kausal pull`. */
internal class PullCommand(
    private val session: Session,
) : CliktCommand("pull") {
    private val ref by argument("REF", help = "A catalog id; './kausal models' lists them")

    override fun help(context: Context): String = "Brings a model to this machine and checks it."

    override fun run() = session.workbench.pull(ref, session.console::complain)
}
