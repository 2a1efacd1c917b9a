package dev.kausal.notebook

import dev.kausal.experiments.session.ExperimentSession
import dev.kausal.experiments.session.SessionOptions
import org.jetbrains.kotlinx.jupyter.api.KotlinKernelHost
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.Callable
import java.util.concurrent.ExecutionException
import java.util.concurrent.Executors
import java.util.concurrent.Future
import java.util.concurrent.TimeUnit.MILLISECONDS
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.TimeoutException

/**
 * What lives as long as the kernel: the session with its models, and the thread that runs experiments.
 *
 * The kernel interrupts a cell's thread, and soon kills it. Native code must not be left that way, so cells wait for a
 * thread of our own, which ends a run where it next reports progress.
 */
internal object Kernel {
    /** Shows what cells show; that of the current cell. */
    @Volatile
    var host: KotlinKernelHost? = null

    private val worker = Executors.newSingleThreadExecutor { work ->
        Thread(work, "kausal-session").apply {
            isDaemon = true
            contextClassLoader = Kernel::class.java.classLoader
        }
    }
    private val explored = lazy { Files.createTempDirectory("kausal-notebook") }
    private var session = lazy { ExperimentSession() }

    /** Folder of the bundles of runs that only show something; removed at the kernel's end. */
    val temporary: Path get() = explored.value

    /** Number of models that the session has opened. */
    val opened: Int get() = if (session.isInitialized()) session.value.opened else 0

    /** Closes the session's models; later runs compute according to [options]. */
    fun use(options: SessionOptions) {
        worker.submit { renew(options) }.get()
    }

    private fun renew(options: SessionOptions) {
        if (session.isInitialized()) session.value.close()
        session = lazy { ExperimentSession(options) }
    }

    /** Returns what [work] makes of the session; meanwhile, shows [progress]. */
    fun <T> await(progress: CellProgress, work: (ExperimentSession) -> T): T {
        val future = worker.submit(Callable { work(session.value) })
        var result: Result<T>? = null
        try {
            while (result == null) {
                result = future.await()
                if (result == null) progress.show()
            }
        } finally {
            if (result == null) progress.stop() else progress.clear()
        }
        return result.getOrThrow()
    }

    /** Returns the outcome; null if there is none yet. */
    private fun <T> Future<T>.await(): Result<T>? =
        try {
            Result.success(get(SHOW_EVERY, MILLISECONDS))
        } catch (_: TimeoutException) {
            null
        } catch (e: ExecutionException) {
            Result.failure(e.cause ?: e)
        }

    /** Closes the models, after what is still running. */
    fun close() {
        worker.submit { if (session.isInitialized()) session.value.close() }
        worker.shutdown()
        worker.awaitTermination(PATIENCE, SECONDS)
        if (explored.isInitialized()) explored.value.toFile().deleteRecursively()
    }

    private const val SHOW_EVERY = 200L
    private const val PATIENCE = 20L
}
