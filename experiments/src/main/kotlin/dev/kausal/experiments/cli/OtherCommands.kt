package dev.kausal.experiments.cli

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.multiple
import com.github.ajalt.clikt.parameters.groups.provideDelegate
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.path
import dev.kausal.bundle.BundleFiles
import dev.kausal.experiments.EvaluatedScript
import dev.kausal.experiments.RunOptions
import dev.kausal.experiments.verify.Verification
import java.nio.file.Path
import java.util.Locale

/** `kausal explain`. */
internal class ExplainCommand(
    private val session: Session,
) : CliktCommand("explain") {
    private val target by target()
    private val common by ScriptOptions()
    private val machine by MachineOptions()

    override fun help(context: Context): String =
        "Shows the plan of a script without running it: cells, rows x layers before and after each rewrite, " +
            "FLOPs, memory."

    override fun run() {
        val script = session.evaluate(target, common.parameters)
        val options = RunOptions(
            common.model,
            parameters = common.parameters,
            threads = machine.threads,
            memoryBytes = machine.memory,
            precision = machine.precision,
            command = session.command,
            device = machine.device,
        )
        session.console.say(session.workbench.explain(script, options).trimEnd())
    }
}

/** `kausal report`. */
internal class ReportCommand(
    private val session: Session,
) : CliktCommand("report") {
    private val bundles by argument("BUNDLE", help = "A folder written by 'kausal run'; several are compared")
        .path()
        .multiple(required = true)
    private val out: Path by option("--out", metavar = "FILE", help = "Page of a comparison; default: comparison.html")
        .path()
        .default(Path.of("comparison.html"))

    private val open by openOption()

    override fun help(context: Context): String = "Rewrites the page of a bundle, or writes a comparison of several."

    override fun run() {
        bundles.forEach(BundleFiles::check)
        val one = bundles.singleOrNull()
        val page = if (one == null) session.workbench.compare(bundles, out) else session.workbench.report(one)
        session.toldPage(page, open)
    }
}

/** `kausal verify`. */
internal class VerifyCommand(
    private val session: Session,
) : CliktCommand("verify") {
    private val bundle by argument("BUNDLE", help = "A folder written by 'kausal run'").path()
    private val model: String? by option("--model", metavar = "REF", help = "Location of the weights; checked by hash")

    private val shown by ShownProgressOptions()

    private val device by deviceOption()

    private val untrusted: Boolean by option(
        "--untrusted",
        help = "For a bundle of unknown origin: runs no code of it and fetches no model; leaves out what needs code",
    ).flag()

    override fun help(context: Context): String =
        "Reruns a bundle from its spec and compares every number; exits with 1 if one differs. If the spec calls " +
            "functions of the bundle's script, that script runs, with all of your rights, after its hash is checked."

    override fun run() {
        val progress = shown.on(session)
        BundleFiles.check(bundle)
        val changed = session.workbench.changed(bundle)
        if (changed.isNotEmpty()) throw CheckFailedException(refutation(changed) + "\nNothing of it was run.")
        val script = script()
        val options = RunOptions(model, command = session.command, untrusted = untrusted, device = device)
        val found = progress.use { session.workbench.verify(bundle, script, options, it) }
        if (!found.holds) throw CheckFailedException(refutation(found.differences))
        session.console.say("verified  ${found.numbers} numbers; ${differences(found).joinToString("; ")}")
    }

    /**
     * Returns the bundle's script, run, where its spec needs it and it may be run; what happens is said before it does.
     */
    private fun script(): EvaluatedScript? {
        val (source, values, analyses) = session.workbench.scriptOf(bundle) ?: return null
        if (untrusted) {
            session.console.complain(
                "left out: ${analyses.joinToString()}, for functions of ${source.name}, which --untrusted does not " +
                    "run. What is computed from such results is computed from the bundle's own numbers.",
            )
            return null
        }
        session.console.complain(
            "verify runs ${source.shown} of the bundle, with all of your rights; --untrusted runs no code of a bundle",
        )
        return session.evaluate(source, values)
    }

    private fun differences(found: Verification): List<String> {
        val unfloored = "allowed is ${found.tolerance} of 1 or the number"
        if (found.largest == 0.0) return listOf("no two differ")
        val moved = found.byRounding ?: return listOf("the largest difference is ${short(found.largest)}, $unfloored")
        return listOf(
            "the number closest to its limit differs by ${short(moved.difference)}, rounding allows " +
                short(moved.allowed),
            "${found.unfloored} have no noise floor: $unfloored",
        )
    }

    private fun short(number: Double): String = String.format(Locale.ROOT, "%.1e", number)

    private fun refutation(differences: List<String>): String {
        val shown = differences.take(SHOWN).joinToString("\n") { "  $it" }
        val more = differences.size - SHOWN
        return "$bundle does not hold:\n$shown" + if (more > 0) "\n  and $more more" else ""
    }

    private companion object {
        const val SHOWN = 20
    }
}

/** `kausal models`. */
internal class ModelsCommand(
    private val session: Session,
) : CliktCommand("models") {
    override fun help(
        context: Context,
    ): String = "Lists embedded models and the catalog, and what is on this machine."

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
    private val ref by argument("REF", help = "A catalog id, as listed by './kausal models'")

    override fun help(context: Context): String = "Downloads a model and checks it."

    override fun run() = session.workbench.pull(ref, session.console::complain)
}

/** `kausal gpu`. */
internal class GpuCommand(
    private val session: Session,
) : CliktCommand("gpu") {
    override fun help(context: Context): String =
        "Downloads PyTorch's libraries for NVIDIA GPUs (4.4 GB), checks them, and lists the GPUs for --device."

    override fun run() = session.console.say(session.workbench.pullCuda(session.console::complain))
}
