package dev.kausal.engine.requests;

import dev.kausal.engine.analysis.attention.AttentionPattern;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import java.util.List;

/**
 * The attention patterns of one input in some layers.
 */
public record Patterns(Input input, List<Integer> layers) implements Request<AttentionPattern> {
    @Override
    public AttentionPattern of(HookedModel model) {
        return AttentionPattern.of(model, input, new Hooks(model.points()), layers);
    }
}
