package dev.kausal.engine.requests;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.features.ActiveFeatures;
import dev.kausal.engine.features.Dictionary;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.util.List;

/**
 * Activation of each active feature times the gradient of a metric along the feature's direction, everything else constant: to first
 * order what the feature adds to the metric.
 *
 * @param read position that the metric is read at
 * @param references logits [output] that the metric compares with, if any
 * @param site hook point that the dictionary reads
 * @param target hook point that it reconstructs; {@code site} for an autoencoder
 * @param skip first positions to leave out
 */
public record FeatureGradients(
        Input input,
        int read,
        Metric metric,
        List<float[]> references,
        String site,
        String target,
        Dictionary dictionary,
        int skip)
        implements Request<ActiveFeatures> {
    public FeatureGradients {
        references = List.copyOf(references);
    }

    @Override
    public ActiveFeatures of(HookedModel model) {
        Torch.inference();
        Objective objective = Objective.sum(List.of(metric), List.of(read), references::get);
        try (NDManager manager = model.device().manager();
                Gradients gradients = Gradients.of(
                        model,
                        List.of(input),
                        objective,
                        point -> point.name().equals(site) || point.name().equals(target),
                        manager);
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray x = dictionary.rows(gradients.activations().get(site)).get(skip + ":");
            NDArray at = gradients.get(target);
            NDArray gradient = at.reshape(at.getShape().get(1), -1).get(skip + ":");
            NDArray features = dictionary.encode(x);
            float[] shares = features.mul(dictionary.gradient(gradient, x)).toFloatArray();
            return ActiveFeatures.of(
                    features.toFloatArray(), shares, dictionary.config().features(), skip);
        }
    }
}
