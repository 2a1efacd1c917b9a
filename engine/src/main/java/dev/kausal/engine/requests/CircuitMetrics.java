package dev.kausal.engine.requests;

import dev.kausal.engine.circuits.CircuitRun;
import dev.kausal.engine.circuits.EdgeGraph;
import dev.kausal.engine.circuits.EdgePair;
import dev.kausal.engine.model.HookedModel;
import java.util.BitSet;
import java.util.List;

/**
 * Metrics of a pair's clean input in circuits. The answer has one number per circuit.
 *
 * @param circuits edges that are kept, numbered as in {@link EdgeGraph}
 */
public record CircuitMetrics(EdgePair pair, List<BitSet> circuits) implements Request<double[]> {
    @Override
    public double[] of(HookedModel model) {
        try (CircuitRun run = new CircuitRun(model, new EdgeGraph(model.config()), pair)) {
            return run.metrics(circuits);
        }
    }
}
