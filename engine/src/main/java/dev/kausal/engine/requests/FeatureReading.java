package dev.kausal.engine.requests;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.edits.EditHooks;
import dev.kausal.engine.features.ActiveFeatures;
import dev.kausal.engine.features.Dictionary;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.tensor.Torch;

/**
 * Active features of one run, and how well they reconstruct it.
 *
 * @param run an input with its edits
 * @param site hook point that the dictionary reads
 * @param target hook point that it reconstructs; {@code site} for an autoencoder
 * @param skip first positions to leave out
 */
public record FeatureReading(Run run, String site, String target, Dictionary dictionary, int skip)
        implements Request<FeatureReading.Found> {
    /**
     * What is found in a run.
     *
     * @param active activations
     * @param positions number of positions that were read
     * @param squaredError sum over positions and entries of the squared error
     * @param squares sum over positions and entries of the squared target
     * @param sums sum over positions of each entry of the target
     */
    public record Found(ActiveFeatures active, int positions, double squaredError, double squares, double[] sums) {}

    @Override
    public Found of(HookedModel model) {
        Torch.inference();
        try (NDManager manager = model.device().manager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Hooks hooks = EditHooks.of(model.points(), run.edits());
            ActivationCache cache = hooks.capture(
                    point -> point.name().equals(site) || point.name().equals(target), manager);
            model.outputsAt(run.input(), run.read(), hooks, manager);
            NDArray x = dictionary.rows(cache.get(site)).get(skip + ":");
            NDArray captured = cache.get(target);
            NDArray y = captured.reshape(captured.getShape().get(1), -1).get(skip + ":");
            return found(x, y);
        }
    }

    private Found found(NDArray x, NDArray y) {
        NDArray features = dictionary.encode(x);
        float[] errors = y.sub(dictionary.decode(features, x)).toFloatArray();
        float[] targets = y.toFloatArray();
        double squaredError = 0;
        double squares = 0;
        int width = (int) y.getShape().get(1);
        double[] sums = new double[width];
        for (int i = 0; i < targets.length; i++) {
            squaredError += (double) errors[i] * errors[i];
            squares += (double) targets[i] * targets[i];
            sums[i % width] += targets[i];
        }
        float[] active = features.toFloatArray();
        ActiveFeatures sparse =
                ActiveFeatures.of(active, active, dictionary.config().features(), skip);
        return new Found(sparse, (int) y.getShape().get(0), squaredError, squares, sums);
    }
}
