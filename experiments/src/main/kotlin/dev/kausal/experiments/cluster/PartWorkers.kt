package dev.kausal.experiments.cluster

import dev.kausal.bundle.BundleFiles
import dev.kausal.engine.errors.KausalException
import java.util.function.Consumer

/**
 * Computes parts of runs in a process of a cluster. Workers, with their models and what they have laid out, stay open for
 * later tasks of the same run.
 */
public object PartWorkers {
    private var key = ""
    private val workers = mutableListOf<PartWorker>()

    /**
     * Computes parts of a run.
     *
     * @param run [ClusterWork.run]
     * @param known [ClusterWork.known]
     * @param parts names of parts
     * @param host name of this machine, for messages
     * @param deliver receives each part as soon as it is computed
     * @throws KausalException if this machine cannot compute this run; the message names it
     */
    @JvmStatic
    public fun compute(
        run: ByteArray,
        known: Map<String, ByteArray>,
        parts: List<String>,
        host: String,
        deliver: Consumer<ComputedPart>,
    ) {
        val worker = borrowed(run, host)
        try {
            worker.compute(known, parts.toSet(), host, deliver)
        } catch (e: HostRefusedException) {
            throw e
        } catch (e: KausalException) {
            throw HostRefusedException.failed(host, e)
        } finally {
            returned(worker)
        }
    }

    /** Closes the workers, and those that a task uses once it ends; models too, if none is used. */
    @JvmStatic
    @Synchronized
    public fun close() {
        val used = workers.any { it.users > 0 }
        begin("")
        if (!used) OpenModels.close()
    }

    /** Returns a worker of [run], and closes those of other runs. */
    @Synchronized
    private fun borrowed(run: ByteArray, host: String): PartWorker {
        begin(BundleFiles.sha256(run))
        val worker = workers.firstOrNull { it.users == 0 || it.isShared }
            ?: PartWorker.open(ClusterRun.read(run), host).also { workers += it }
        worker.users++
        return worker
    }

    @Synchronized
    private fun returned(worker: PartWorker) {
        worker.users--
        if (worker.users == 0 && worker !in workers) worker.close()
    }

    private fun begin(run: String) {
        if (run == key) return
        key = run
        workers.filter { it.users == 0 }.forEach { it.close() }
        workers.clear()
    }
}
