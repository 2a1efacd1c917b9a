package dev.kausal.experiments.cli

import ai.djl.engine.EngineException
import ai.djl.util.Utils
import dev.kausal.bundle.BundleException
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.engine.errors.KausalException
import dev.kausal.experiments.KausalVersion
import dev.kausal.experiments.script.ShownMistakes
import dev.kausal.run.context.ScriptCodeException
import java.io.IOException
import java.io.PrintWriter
import java.io.StringWriter

/** A failed command: what its user reads, and the exit code. */
internal class Failure(
    val text: String,
    val code: Int,
)

/** Returns what [e] means to the user; an unexpected one is a bug. */
internal fun Session.failure(e: Throwable): Failure =
    when (e) {
        is KausalException -> Failure(shown(e), e.blame().exitCode())
        is BundleException -> Failure(e.message.orEmpty(), e.exitCode())
        is CheckFailedException -> Failure(e.message.orEmpty(), ExitCode.CheckFailed.code)
        is IOException -> machine("${e.javaClass.simpleName}: ${e.message}. $DISK")
        is EngineException -> native(e)
        is OutOfMemoryError -> machine(MemoryAdvice.of(e, Runtime.getRuntime().maxMemory(), MemoryAdvice.machine()))
        else -> bug(e)
    }

private const val DISK = "Check free disk space and the folder's permissions."

/** Returns the message of [e], with the lines of the script if it is about one. */
private fun Session.shown(e: KausalException): String {
    val shown = source?.let { script ->
        when (e) {
            is ScriptMistakes -> ShownMistakes.of(script, e)
            is ScriptCodeException -> ShownMistakes.of(script, e)
            else -> null
        }
    }
    return shown ?: e.message.orEmpty()
}

/**
 * Handles native failures: DJL unpacks PyTorch's library on first use and then loads it; its allocator may fail
 * later. The rest are bugs.
 */
private fun Session.native(e: EngineException): Failure {
    val unusable =
        generateSequence<Throwable>(e) { it.cause }.firstOrNull { it is IOException || it is UnsatisfiedLinkError }
    return when {
        unusable != null -> {
            machine(
                "PyTorch's native library cannot be used: ${e.message} ($unusable). It is unpacked once, " +
                    "450 MB in ${Utils.getEngineCacheDir()} (or DJL_CACHE_DIR), and needs Linux on x86-64.",
            )
        }

        "can't allocate memory" in e.message.orEmpty() -> {
            machine("Out of memory: ${e.message?.lines()?.first()}. Use fewer prompts, or a smaller model.")
        }

        else -> {
            bug(e)
        }
    }
}

private fun machine(message: String) = Failure(message, ExitCode.Machine.code)

private fun Session.bug(e: Throwable): Failure {
    val trace = StringWriter().also { e.printStackTrace(PrintWriter(it)) }
    val lines = listOf(
        "This is a bug in Kausal ${KausalVersion.text}; please report it as follows.",
        "kausal ${command.joinToString(" ")}",
        trace.toString().trimEnd(),
    )
    return Failure(lines.joinToString("\n"), ExitCode.Bug.code)
}
