package dev.kausal.experiments.cli

/** Says on Ctrl-C, or another end from outside, that the run can be resumed; nothing when it ends by itself. */
internal class Resumable(
    console: Console,
) : AutoCloseable {
    private val onExit =
        Thread({ console.complain("interrupted: run the same command again to resume it") }, "kausal-resumable")

    init {
        Runtime.getRuntime().addShutdownHook(onExit)
    }

    override fun close() {
        // Refused once the machine is shutting down, when the hook is running anyway.
        runCatching { Runtime.getRuntime().removeShutdownHook(onExit) }
    }
}
