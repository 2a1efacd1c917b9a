package dev.kausal.engine.requests;

import dev.kausal.engine.circuits.EdgeAttribution;
import dev.kausal.engine.circuits.EdgeGraph;
import dev.kausal.engine.circuits.EdgePair;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.model.HookedModel;

/**
 * Estimated effects of all edges of a pair. The answer has one number per edge, in the order of {@link EdgeGraph}.
 *
 * @param steps points of the line of embeddings; 0 for the gradient of the clean run
 * @param rules how gradients flow back
 * @param ungrouped whether each query head counts as a reader of keys and values of its own
 */
public record EdgeScores(EdgePair pair, int steps, Linearisation rules, boolean ungrouped)
        implements Request<double[]> {
    @Override
    public double[] of(HookedModel model) {
        if (!ungrouped || model.config().groupSize() == 1) {
            return EdgeAttribution.of(model, new EdgeGraph(model.config()), pair, steps, rules);
        }
        try (HookedModel own = model.ungrouped()) {
            return EdgeAttribution.of(own, new EdgeGraph(own.config()), pair, steps, rules);
        }
    }
}
