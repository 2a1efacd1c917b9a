package dev.kausal.experiments.cluster

import dev.kausal.engine.errors.KausalException

/** A machine of a cluster cannot compute the run, or would compute another one. */
internal class HostRefusedException(
    message: String,
    cause: Throwable? = null,
) : KausalException(Blame.MACHINE, message, cause) {
    internal companion object {
        private const val serialVersionUID = 1L

        fun version(host: String, there: String, here: String) =
            HostRefusedException(
                "$host has Kausal $there, but this run needs $here. Install the same version there, or leave the " +
                    "machine out.",
            )

        fun weights(host: String, file: String, there: String, here: String) =
            HostRefusedException(
                "The weights in $file on $host differ from the run's: SHA-256 $there, not $here. " +
                    "Copy the run's there.",
            )

        fun noWeights(host: String, ref: String, file: String, cause: KausalException) =
            HostRefusedException(
                "$host has no weights of $ref: neither in $file, the folder of this machine, nor as a model of its " +
                    "own (${cause.message}). Put the model on a disk that all machines see, or pull it there.",
                cause,
            )

        fun notComputed(host: String, part: String) =
            HostRefusedException(
                "$host found no part of this run called $part. Its files differ from those of this machine.",
            )

        fun failed(host: String, cause: KausalException) = HostRefusedException("$host: ${cause.message}", cause)
    }
}

/** The cluster itself has failed. */
public class ClusterFailedException(
    master: String,
    cause: Throwable,
) : KausalException(
        Blame.MACHINE,
        "The cluster $master has failed: ${cause.message?.lines()?.firstOrNull() ?: cause.javaClass.simpleName}. " +
            "Parts that were computed are kept: run the same command again.",
        cause,
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** Two attempts at a part contradict each other. */
internal class PartsContradictException(
    part: String,
    first: ComputedPart,
    second: ComputedPart,
    difference: String,
) : KausalException(
        Blame.MACHINE,
        "${first.host} (${first.processor}) and ${second.host} (${second.processor}) both computed $part, and " +
            "$difference. One of these machines computes wrongly, or has other libraries. Leave it out, and run the " +
            "same command again.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/** There is no cluster implementation on the class path. */
internal class NoClusterException :
    KausalException(
        Blame.USER,
        "--cluster needs Spark, which is not on the class path. Start Kausal with ./kausal among its sources, which " +
            "fetches it.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
