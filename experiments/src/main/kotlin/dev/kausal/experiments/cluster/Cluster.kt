package dev.kausal.experiments.cluster

import java.io.Serializable

/** Machines that compute parts of a run. An implementation, found by `ServiceLoader`, may be left out of the class path. */
public interface Cluster : AutoCloseable {
    /** Computes the parts of [work], and returns when [PartReceiver.received] has had all of them, or one was refused. */
    public fun compute(work: ClusterWork)
}

/** Opens a cluster. */
public fun interface ClusterProvider {
    /** Returns the cluster of these [settings], which tells [receiver] what happens. */
    public fun open(
        settings: ClusterSettings,
        receiver: PartReceiver,
    ): Cluster
}

/**
 * What a cluster is opened with.
 *
 * @property name name of the experiment, shown by the cluster
 * @property master address of the cluster
 * @property threads threads of a task, which is one model's work
 * @property heapBytes Java heap of a process that runs one task
 * @property nativeBytes its memory besides: weights, activations, libraries
 * @property environment variables of its processes
 * @property given settings in the cluster's own terms, which take precedence
 */
public class ClusterSettings(
    public val name: String,
    public val master: ClusterMaster,
    public val threads: Int,
    public val heapBytes: Long,
    public val nativeBytes: Long,
    public val environment: Map<String, String>,
    public val given: Map<String, String>,
)

/**
 * Parts to compute.
 *
 * @property run the experiment, for [PartWorkers.compute]
 * @property known contents of the parts that these depend on, by name
 * @property tasks names of parts; those of one task are computed together
 */
public class ClusterWork(
    public val run: ByteArray,
    public val known: Map<String, ByteArray>,
    public val tasks: List<List<String>>,
)

/**
 * A part that a machine has computed.
 *
 * @property name its name in the journal
 * @property processor the machine's processor
 * @property seconds duration since the task's previous part
 */
public class ComputedPart(
    public val name: String,
    public val bytes: ByteArray,
    public val host: String,
    public val processor: String,
    public val seconds: Double,
) : Serializable {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** Receives what happens on a cluster, from any thread. */
public interface PartReceiver {
    /** Receives an attempt at a part; several attempts at one are compared. Throws nothing. */
    public fun received(part: ComputedPart)

    /** A machine refuses the run, such as for other weights; [message] names it. */
    public fun refused(message: String)

    /** Returns whether nothing more is wanted: a part was refused, or attempts contradict each other. */
    public fun hasFailed(): Boolean

    /** Receives a line about the cluster, such as the loss of a machine. */
    public fun note(line: String)
}
