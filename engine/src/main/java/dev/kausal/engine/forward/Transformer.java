package dev.kausal.engine.forward;

import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.model.ModelConfig;
import dev.kausal.engine.model.Weights;

/**
 * A model as the forward pass needs it; it owns nothing.
 *
 * @param config sizes and choices
 * @param weights parameters
 * @param points hook points
 */
public record Transformer(ModelConfig config, Weights weights, HookPoints points) {}
