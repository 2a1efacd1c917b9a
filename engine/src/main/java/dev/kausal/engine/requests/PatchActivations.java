package dev.kausal.engine.requests;

import dev.kausal.engine.analysis.attention.ActivationMaps;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;

/**
 * Summary of each block's output at each patch of one image.
 */
public record PatchActivations(Input image) implements Request<ActivationMaps> {
    @Override
    public ActivationMaps of(HookedModel model) {
        return ActivationMaps.of(model, image, new Hooks(model.points()));
    }
}
