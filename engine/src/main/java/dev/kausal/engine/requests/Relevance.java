package dev.kausal.engine.requests;

import dev.kausal.engine.analysis.attention.GradientRollout;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;

/**
 * Attention weighted by the gradients of a metric's value, after the last layer. The answer is [query][key], the identity not taken off.
 */
public record Relevance(Input input, Metric metric) implements Request<double[][]> {
    @Override
    public double[][] of(HookedModel model) {
        return GradientRollout.of(model, input, Objective.of(metric));
    }
}
