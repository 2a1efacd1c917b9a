package dev.kausal.cluster;

import dev.kausal.experiments.cluster.Cluster;
import dev.kausal.experiments.cluster.ClusterProvider;
import dev.kausal.experiments.cluster.ClusterSettings;
import dev.kausal.experiments.cluster.PartReceiver;

/** Opens Spark clusters. */
public final class SparkClusters implements ClusterProvider {
    @Override
    public Cluster open(ClusterSettings settings, PartReceiver receiver) {
        return new SparkCluster(settings, receiver);
    }
}
