package dev.kausal.engine.forward;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.tensor.Device;

/**
 * A model as the forward pass needs it; owns nothing.
 *
 * @param config sizes and architecture choices
 * @param weights parameters
 * @param points hook points
 */
public record Transformer(ModelConfig config, Weights weights, HookPoints points) {
    /** Returns the device that it runs on. */
    public Device device() {
        return weights.device();
    }
}
