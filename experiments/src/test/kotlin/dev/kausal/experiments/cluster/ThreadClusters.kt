package dev.kausal.experiments.cluster

import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import kotlin.random.Random

/**
 * Clusters of threads: tasks in random order, some attempts of which are lost before they send anything, some after.
 * `spark.test.second` makes a second attempt at each part: `same`, or `changed` in a byte.
 */
class ThreadClusters : ClusterProvider {
    override fun open(settings: ClusterSettings, receiver: PartReceiver): Cluster =
        object : Cluster {
            private val threads = Executors.newFixedThreadPool((settings.master.cores ?: 1) / settings.threads)
            private val random = Random(1)
            private val second = settings.given["spark.test.second"]

            override fun compute(work: ClusterWork) {
                val attempts = work.tasks.shuffled(random).map { task -> task to random.nextInt(LOST) }
                attempts.map { (task, lost) -> threads.submit { attempt(work, task, lost) } }.forEach { it.get() }
            }

            private fun attempt(work: ClusterWork, task: List<String>, lost: Int) {
                if (receiver.hasFailed()) return
                val host = "host-$lost"
                try {
                    if (lost == 0) PartWorkers.compute(work.run, work.known, task, host) { }
                    PartWorkers.compute(work.run, work.known, task, host) { part ->
                        receiver.received(part)
                        if (second != null) receiver.received(again(part))
                    }
                } catch (e: HostRefusedException) {
                    receiver.refused(e.message.orEmpty())
                }
            }

            private fun again(part: ComputedPart): ComputedPart {
                val bytes = part.bytes.copyOf()
                if (second == "changed") bytes[bytes.size / 2] = (bytes[bytes.size / 2] + 1).toByte()
                return ComputedPart(part.name, bytes, "other", part.processor, part.seconds)
            }

            override fun close() {
                threads.shutdown()
                threads.awaitTermination(1, TimeUnit.MINUTES)
            }
        }

    private companion object {
        /** One of so many attempts is lost. */
        const val LOST = 3
    }
}
