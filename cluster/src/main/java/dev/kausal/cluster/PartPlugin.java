package dev.kausal.cluster;

import dev.kausal.experiments.cluster.ComputedPart;
import dev.kausal.experiments.cluster.PartReceiver;
import dev.kausal.experiments.cluster.PartWorkers;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;
import org.jspecify.annotations.Nullable;

/**
 * Brings parts from executors to the driver, one by one and whole, so that a lost executor loses only the part that it
 * was computing, and every attempt at a part can be compared with the others.
 */
public final class PartPlugin implements SparkPlugin {
    /** The receiver of this process, if it is a driver; Spark creates plugins by the names of their classes. */
    private static volatile @Nullable PartReceiver receiver;

    /** The way to the driver, in processes that run tasks. */
    private static volatile @Nullable PluginContext driver;

    /** Sets the receiver of applications that this process starts from now on. */
    static void receiver(PartReceiver next) {
        receiver = next;
    }

    /** Sends a part to the driver and waits until it is kept. */
    static void deliver(ComputedPart part) {
        ask(part);
    }

    /** Tells the driver why this machine does not compute the run. */
    static void refuse(String message) {
        ask(message);
    }

    private static void ask(Object message) {
        PluginContext context = driver;
        if (context == null) {
            throw new IllegalStateException("no plugin in this process");
        }
        try {
            context.ask(message);
        } catch (Exception e) {
            throw new IllegalStateException("the driver does not answer", e);
        }
    }

    @Override
    public DriverPlugin driverPlugin() {
        return new DriverPlugin() {
            @Override
            public Map<String, String> init(SparkContext spark, PluginContext context) {
                return Map.of();
            }

            @Override
            public Object receive(Object message) {
                PartReceiver to = receiver;
                if (to != null && message instanceof ComputedPart part) {
                    to.received(part);
                } else if (to != null && message instanceof String refusal) {
                    to.refused(refusal);
                }
                return true;
            }
        };
    }

    @Override
    public ExecutorPlugin executorPlugin() {
        return new ExecutorPlugin() {
            @Override
            public void init(PluginContext context, Map<String, String> configuration) {
                driver = context;
            }

            @Override
            public void shutdown() {
                PartWorkers.close();
            }
        };
    }
}
