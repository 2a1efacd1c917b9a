package dev.kausal.engine.requests;

import dev.kausal.engine.circuits.EdgePair;
import dev.kausal.engine.model.HookedModel;

/** The metric of a pair in the run of each of its inputs: the clean one, then the corrupted one. */
public record PairMetrics(EdgePair pair) implements Request<double[]> {
    @Override
    public double[] of(HookedModel model) {
        return pair.metrics(model);
    }
}
