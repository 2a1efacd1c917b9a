package dev.kausal.engine.requests;

import dev.kausal.engine.circuits.EdgeAttribution;
import dev.kausal.engine.circuits.EdgeGraph;
import dev.kausal.engine.circuits.EdgePair;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.model.HookedModel;
import java.util.List;

/**
 * Estimated effects of all edges on pairs. The answer has, for each pair, one number per edge, in the order of {@link
 * EdgeGraph}.
 *
 * @param steps points of the line of embeddings; 0 for the gradient of the clean run
 * @param rules how gradients flow back
 * @param ungrouped whether each query head counts as a reader of keys and values of its own
 * @param budget bytes for runs beyond the weights
 */
public record EdgeScores(List<EdgePair> pairs, int steps, Linearisation rules, boolean ungrouped, long budget)
        implements Request<double[][]> {
    public EdgeScores {
        pairs = List.copyOf(pairs);
    }

    @Override
    public double[][] of(HookedModel model) {
        if (!ungrouped || model.config().groupSize() == 1) {
            return EdgeAttribution.of(model, new EdgeGraph(model.config()), pairs, steps, rules, budget);
        }
        try (HookedModel own = model.ungrouped()) {
            return EdgeAttribution.of(own, new EdgeGraph(own.config()), pairs, steps, rules, budget);
        }
    }
}
