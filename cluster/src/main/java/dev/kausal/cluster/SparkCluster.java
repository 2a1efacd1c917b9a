package dev.kausal.cluster;

import dev.kausal.experiments.cluster.Cluster;
import dev.kausal.experiments.cluster.ClusterFailedException;
import dev.kausal.experiments.cluster.ClusterSettings;
import dev.kausal.experiments.cluster.ClusterWork;
import dev.kausal.experiments.cluster.PartReceiver;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** A Spark application that computes the parts of a run: a job per round, a task for some parts. */
final class SparkCluster implements Cluster {
    private final PartReceiver receiver;
    private final String master;
    private final JavaSparkContext spark;
    private final TaskWatch watch;

    SparkCluster(ClusterSettings settings, PartReceiver receiver) {
        this.receiver = receiver;
        this.master = settings.getMaster().getText();
        PartPlugin.receiver(receiver);
        try {
            spark = new JavaSparkContext(SparkSettings.of(settings));
        } catch (RuntimeException e) {
            throw new ClusterFailedException(master, e);
        }
        watch = new TaskWatch(receiver::note, () -> {
            if (receiver.hasFailed()) {
                cancel();
            }
        });
        spark.sc().addSparkListener(watch);
    }

    @Override
    public void compute(ClusterWork work) {
        Broadcast<byte[]> run = spark.broadcast(work.getRun());
        Broadcast<Map<String, byte[]>> known = spark.broadcast(new HashMap<>(work.getKnown()));
        List<List<String>> tasks = work.getTasks();
        watch.begin(tasks);
        try {
            spark.parallelize(tasks, tasks.size()).foreachPartition(new PartTask(run, known));
        } catch (RuntimeException e) {
            // The receiver knows the reason better than Spark, if it has one.
            if (!receiver.hasFailed()) {
                throw new ClusterFailedException(master, e);
            }
        } catch (Exception e) {
            // Thrown by Scala code, which declares no checked exceptions.
            if (!receiver.hasFailed()) {
                throw new ClusterFailedException(master, e instanceof SparkException ? e : new RuntimeException(e));
            }
        } finally {
            watch.end();
            run.destroy();
            known.destroy();
        }
    }

    private void cancel() {
        spark.cancelAllJobs();
    }

    @Override
    public void close() {
        watch.close();
        spark.close();
    }
}
