package dev.kausal.experiments.cluster

/**
 * A cluster as asked for on the command line.
 *
 * @property settings settings in the cluster's own terms
 */
internal data class ClusterOptions(
    val master: ClusterMaster,
    val settings: Map<String, String> = emptyMap(),
)
