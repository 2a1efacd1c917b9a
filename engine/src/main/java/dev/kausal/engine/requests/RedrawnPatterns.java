package dev.kausal.engine.requests;

import dev.kausal.engine.analysis.attention.PatternRedraw;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.model.HookedModel;

/**
 * The difference between one input's attention patterns and those recomputed from queries and keys.
 */
public record RedrawnPatterns(Input input) implements Request<PatternRedraw> {
    @Override
    public PatternRedraw of(HookedModel model) {
        return PatternRedraw.of(model, input);
    }
}
