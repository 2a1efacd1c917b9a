package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.Edit;
import dev.kausal.engine.plan.Metric;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.plan.Value;
import dev.kausal.engine.tensor.Torch;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a plan's edits and metrics read from unedited runs: only the sites that some edit asks for. */
final class Sources implements AutoCloseable {
    private final NDManager manager = Torch.manager();
    private final Map<Integer, ActivationCache> caches = new HashMap<>();
    private final Map<Integer, float[]> references = new HashMap<>();
    private final Map<String, NDArray> means = new HashMap<>();

    private Sources() {}

    static Sources collect(PlainExecutor executor, HookedModel model, SweepPlan plan) {
        Sources sources = new Sources();
        try {
            wanted(plan)
                    .forEach((run, sites) -> sources.caches.put(
                            run, executor.capture(model, plan.runs().get(run), sites, sources, sources.manager)));
            plan.cells().stream()
                    .map(Cell::metric)
                    .filter(Metric.Kl.class::isInstance)
                    .map(metric -> ((Metric.Kl) metric).reference())
                    .distinct()
                    .forEach(run -> sources.references.put(
                            run, executor.reference(model, plan.runs().get(run), sources)));
            return sources;
        } catch (RuntimeException e) {
            sources.close();
            throw e;
        }
    }

    /** Sites by run, over every edit of cells and runs. */
    private static Map<Integer, Set<String>> wanted(SweepPlan plan) {
        Map<Integer, Set<String>> wanted = new TreeMap<>();
        Stream<Edit> edits = Stream.concat(
                plan.runs().stream().flatMap(run -> run.edits().stream()),
                plan.cells().stream().flatMap(cell -> cell.edits().stream()));
        edits.forEach(edit -> runsOf(edit.value())
                .forEach(run -> wanted.computeIfAbsent(run, key -> new LinkedHashSet<>())
                        .add(edit.site())));
        return wanted;
    }

    private static List<Integer> runsOf(Value value) {
        if (value instanceof Value.FromRun from) {
            return List.of(from.run());
        }
        return value instanceof Value.MeanOf mean ? mean.runs() : List.of();
    }

    /** Activation of a run at a site, [1, position, ...]; this object's own. */
    NDArray activation(int run, String site) {
        return caches.get(run).get(site);
    }

    /** Last-position logits of a run [vocabulary]. */
    float[] reference(int run) {
        return references.get(run);
    }

    /**
     * Mean over every position of the runs (queries, for scores and pattern); this object's own.
     *
     * @param rowAxis axis of the positions; its size is 1 in the answer
     */
    NDArray mean(List<Integer> runs, String site, int rowAxis) {
        return means.computeIfAbsent(site + runs, key -> {
            NDArray total = null;
            long rows = 0;
            for (int run : runs) {
                NDArray activation = activation(run, site);
                NDArray sum = activation.sum(new int[] {rowAxis}, true);
                rows += activation.getShape().get(rowAxis);
                if (total != null && !total.getShape().equals(sum.getShape())) {
                    throw new EditException(site, "cannot be averaged over prompts of different lengths.");
                }
                total = total == null ? sum : total.add(sum);
            }
            NDArray mean = total.div((float) rows);
            ai.djl.ndarray.NDScope.unregister(mean);
            mean.attach(manager);
            return mean;
        });
    }

    @Override
    public void close() {
        manager.close();
    }
}
