package dev.kausal.engine.requests;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.replacement.AttributionGraph;
import dev.kausal.engine.replacement.GraphSearch;
import dev.kausal.engine.replacement.GraphSettings;
import dev.kausal.engine.replacement.LayerTranscoder;
import java.util.List;

/**
 * The attribution graph of one prompt.
 *
 * @param read position whose logits are nodes
 * @param transcoders one per layer, in order
 * @param budget bytes beyond the weights
 */
public record FeatureGraph(
        Input input, int read, List<LayerTranscoder> transcoders, GraphSettings settings, long budget)
        implements Request<AttributionGraph> {
    public FeatureGraph {
        transcoders = List.copyOf(transcoders);
    }

    @Override
    public AttributionGraph of(HookedModel model) {
        return GraphSearch.of(model, input, read, transcoders, settings, budget);
    }
}
