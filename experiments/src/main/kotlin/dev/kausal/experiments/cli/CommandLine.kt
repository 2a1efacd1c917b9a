package dev.kausal.experiments.cli

import com.github.ajalt.clikt.completion.CompletionCommand
import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.CliktError
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.PrintHelpMessage
import com.github.ajalt.clikt.core.UsageError
import com.github.ajalt.clikt.core.context
import com.github.ajalt.clikt.core.subcommands
import com.github.ajalt.clikt.parameters.options.versionOption
import dev.kausal.engine.errors.KausalException
import dev.kausal.experiments.KausalVersion

/**
 * `kausal` as a function from arguments to exit code. It never ends the process itself.
 *
 * All failures are handled here; [failure] maps them to exit codes.
 */
internal class CommandLine(
    private val session: Session,
) {
    private val root =
        Kausal().subcommands(
            RunCommand(session),
            NewCommand(session),
            NotebookCommand(session),
            ExplainCommand(session),
            MergeCommand(session),
            ReportCommand(session),
            ModelsCommand(session),
            PullCommand(session),
            GpuCommand(session),
            TrainCommand(session),
            ConstructCommand(session),
            CertifyCommand(session),
            VerifyCommand(session),
            FigureCommand(session),
            ExportCommand(session),
            SchemaCommand(session),
            CompletionCommand(),
        )

    private val firstWord = FirstWord(root.registeredSubcommandNames(), session.studies)

    /** Runs [words] and returns the exit code. */
    fun run(words: List<String>): Int {
        val asked = firstWord.withHelp(words)
        val mistake = firstWord.mistake(asked) ?: return parsed(asked)
        session.console.complain(mistake)
        return ExitCode.UserMistake.code
    }

    private fun parsed(words: List<String>): Int =
        try {
            PathWords.run(root, words)
            ExitCode.Done.code
        } catch (e: CliktError) {
            told(e, words)
        } catch (
            @Suppress("TooGenericExceptionCaught") e: Throwable,
        ) {
            val failure = session.failure(e)
            session.console.complain(failure.text)
            failure.code
        }

    /** Handles Clikt's own exits: help (0), or wrong arguments (2). */
    private fun told(e: CliktError, words: List<String>): Int {
        val text = PathWords.shown(root.getFormattedHelp(e).orEmpty())
        val mistake = e is UsageError || e.statusCode != 0 || (e is PrintHelpMessage && e.error)
        if (text.isNotEmpty()) {
            session.console.coloured(text, mistake)
            if (!mistake && e is PrintHelpMessage) return helpOnScript(e, words)
        }
        return if (mistake) ExitCode.UserMistake.code else ExitCode.Done.code
    }

    /** Prints help; after `run SCRIPT --help`, also the script's parameters. */
    private fun helpOnScript(e: PrintHelpMessage, words: List<String>): Int {
        val target = e.context?.let { ScriptHelp.target(it.command, words) } ?: return ExitCode.Done.code
        return try {
            val script = session.evaluate(target, emptyMap())
            session.console.say("\n" + ScriptHelp.of(target, session.workbench.parameters(script)))
            ExitCode.Done.code
        } catch (e: KausalException) {
            session.console.complain(e.message.orEmpty())
            e.blame().exitCode()
        }
    }

    private class Kausal : CliktCommand("kausal") {
        init {
            versionOption(KausalVersion.text, names = setOf("--version")) { KausalVersion.told() }
            context { helpOptionNames = setOf("-h", "--help") }
        }

        override fun help(context: Context): String =
            "Mechanistic-interpretability experiments as typed declarations. " +
                "A script declares a model, contrasts, interventions and metrics; a run writes a bundle of numbers " +
                "and an HTML report that needs no network."

        override val printHelpOnEmptyArgs: Boolean get() = true

        override fun run(): Unit = Unit
    }
}
