package dev.kausal.engine.requests;

import dev.kausal.engine.analysis.attention.GradientRollout;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;

/**
 * Gradient-weighted attention rollout for a metric, after the last layer. The answer is [query][key], identity
 * included.
 */
public record Relevance(Input input, Metric metric) implements Request<double[][]> {
    @Override
    public double[][] of(HookedModel model) {
        return GradientRollout.of(model, input, Objective.of(metric));
    }
}
