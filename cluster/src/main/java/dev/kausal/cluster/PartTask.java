package dev.kausal.cluster;

import dev.kausal.engine.errors.KausalException;
import dev.kausal.experiments.cluster.PartWorkers;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.function.VoidFunction;
import org.apache.spark.broadcast.Broadcast;

/** Computes the parts of a task on an executor, and sends each to the driver as soon as it is there. */
final class PartTask implements VoidFunction<Iterator<List<String>>> {
    private static final long serialVersionUID = 1L;

    private final Broadcast<byte[]> run;
    private final Broadcast<Map<String, byte[]>> known;

    PartTask(Broadcast<byte[]> run, Broadcast<Map<String, byte[]>> known) {
        this.run = run;
        this.known = known;
    }

    @Override
    public void call(Iterator<List<String>> tasks) {
        String host = SparkEnv.get().blockManager().blockManagerId().host();
        while (tasks.hasNext()) {
            List<String> parts = tasks.next();
            try {
                PartWorkers.compute(run.value(), known.value(), parts, host, PartPlugin::deliver);
            } catch (KausalException e) {
                // Repeating it elsewhere would hide that one machine differs from the others.
                PartPlugin.refuse(String.valueOf(e.getMessage()));
                throw e;
            }
        }
    }
}
