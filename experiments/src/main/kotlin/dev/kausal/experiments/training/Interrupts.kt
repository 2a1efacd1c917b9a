package dev.kausal.experiments.training

import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit.SECONDS

/**
 * Receives requests to stop the process, such as Ctrl-C, and delays its end until the work is finished: the native
 * library must not be unloaded in the middle of a step.
 */
internal class Interrupts : AutoCloseable {
    /** Whether the process is about to end. */
    @Volatile
    var asked: Boolean = false
        private set

    private val over = CountDownLatch(1)
    private val hook =
        Thread {
            asked = true
            over.await(PATIENCE, SECONDS)
        }

    init {
        Runtime.getRuntime().addShutdownHook(hook)
    }

    override fun close() {
        over.countDown()
        if (!asked) Runtime.getRuntime().removeShutdownHook(hook)
    }

    private companion object {
        const val PATIENCE = 30L
    }
}
