package dev.kausal.engine.requests;

import dev.kausal.engine.analysis.DirectLogitAttribution;
import dev.kausal.engine.analysis.SourceAttribution;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;

/**
 * Attribution of one prompt or image to heads and their source positions.
 */
public record SourceShares(DirectLogitAttribution.Prompt prompt) implements Request<SourceAttribution> {
    @Override
    public SourceAttribution of(HookedModel model) {
        return SourceAttribution.of(model, prompt, new Hooks(model.points()));
    }
}
