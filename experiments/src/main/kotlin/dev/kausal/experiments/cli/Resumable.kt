package dev.kausal.experiments.cli

/** Prints how to resume a process that is interrupted, by Ctrl-C or a signal, before [close]. */
internal class Resumable(
    console: Console,
) : AutoCloseable {
    private val onExit =
        Thread({ console.complain(INTERRUPTED) }, "kausal-resumable")

    init {
        Runtime.getRuntime().addShutdownHook(onExit)
    }

    override fun close() {
        // Refused during shutdown, when the hook is already running.
        runCatching { Runtime.getRuntime().removeShutdownHook(onExit) }
    }

    private companion object {
        const val INTERRUPTED =
            "interrupted: run the same command again to resume it; numbers that go to arrays/ are computed again"
    }
}
