package dev.kausal.engine.requests;

import dev.kausal.engine.circuits.EdgeGraph;
import dev.kausal.engine.circuits.EdgePair;
import dev.kausal.engine.circuits.EdgePatching;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.model.HookedModel;
import java.util.List;

/**
 * The metric of a pair's clean input with single edges patched. The answer has one number per edge.
 *
 * @param edges numbers of edges as in {@link EdgeGraph}
 * @param budget bytes for runs beyond the weights; 0 for one whole pass per edge
 */
public record ExactEdges(EdgePair pair, List<Integer> edges, long budget) implements Request<double[]> {
    /** Edges of one plan. */
    private static final int PART = 4000;

    @Override
    public double[] of(HookedModel model) {
        EdgePatching patching = new EdgePatching(model, new EdgeGraph(model.config()), pair);
        Executor executor = budget == 0 ? new PlainExecutor() : new BatchedExecutor(budget);
        double[] metrics = new double[edges.size()];
        for (int from = 0; from < metrics.length; from += PART) {
            double[] found = patching.metrics(edges.subList(from, Math.min(metrics.length, from + PART)), executor);
            System.arraycopy(found, 0, metrics, from, found.length);
        }
        return metrics;
    }
}
