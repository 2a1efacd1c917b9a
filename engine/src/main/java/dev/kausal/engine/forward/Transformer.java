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
 * @param rules how gradients flow back
 */
public record Transformer(ModelConfig config, Weights weights, HookPoints points, Linearisation rules) {
    /** Creates a model with its own gradients. */
    public Transformer(ModelConfig config, Weights weights, HookPoints points) {
        this(config, weights, points, Linearisation.NONE);
    }

    /** Returns the same model with other gradients. */
    public Transformer with(Linearisation others) {
        return new Transformer(config, weights, points, others);
    }

    /** Returns the device that it runs on. */
    public Device device() {
        return weights.device();
    }
}
