package dev.kausal.cluster;

import dev.kausal.experiments.cluster.ClusterMaster;
import dev.kausal.experiments.cluster.ClusterSettings;
import org.apache.spark.SparkConf;

/** Spark's configuration for a run. */
final class SparkSettings {
    private static final long MEBI = 1L << 20;

    /** JVM flags of an executor: those of the command line, and no network of DJL's own. */
    private static final String JVM = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dai.djl.offline=true"
            + " -DOPT_OUT_TRACKING=true -Dfile.encoding=UTF-8";

    private SparkSettings() {}

    /** Returns the configuration; what the user has set takes precedence. */
    static SparkConf of(ClusterSettings settings) {
        ClusterMaster master = settings.getMaster();
        SparkConf conf = new SparkConf(false)
                .setAppName("kausal " + settings.getName())
                .setMaster(master.getText())
                .set("spark.ui.enabled", "false")
                .set("spark.plugins", PartPlugin.class.getName())
                // A task has as many cores as threads, so that a machine runs no more of them than it has cores.
                .set("spark.task.cpus", String.valueOf(settings.getThreads()))
                // Parts are repeated on other machines before a run fails, except for refusals.
                .set("spark.task.maxFailures", "8")
                .set("spark.executor.maxNumFailures", "1000")
                .set("spark.scheduler.minRegisteredResourcesRatio", "0");
        if (master.isLocal()) {
            conf.set("spark.driver.bindAddress", "127.0.0.1").set("spark.driver.host", "127.0.0.1");
        }
        if (!master.getSharesProcess()) {
            processes(conf, settings);
        }
        settings.getGiven().forEach(conf::set);
        return conf;
    }

    private static void processes(SparkConf conf, ClusterSettings settings) {
        conf.set("spark.executor.extraClassPath", System.getProperty("java.class.path"))
                .set("spark.executor.extraJavaOptions", JVM)
                // A straggler's part is computed elsewhere too; the first attempt counts.
                .set("spark.speculation", "true")
                .set("spark.speculation.minTaskRuntime", "60s");
        // Spark's scripts set it; without them, the worker that starts an executor looks for it in vain.
        conf.set("spark.executorEnv.SPARK_SCALA_VERSION", "2.13");
        settings.getEnvironment().forEach((name, value) -> conf.set("spark.executorEnv." + name, value));
        if (settings.getMaster().getCores() == null) {
            conf.set("spark.executor.cores", String.valueOf(settings.getThreads()))
                    .set("spark.executor.memory", settings.getHeapBytes() / MEBI + "m")
                    .set("spark.executor.memoryOverhead", settings.getNativeBytes() / MEBI + "m");
        }
    }
}
