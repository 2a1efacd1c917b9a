package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Recording;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gradient of one number, such as a loss, with respect to every parameter. It owns its arrays and frees them on {@link
 * #close()}. Optimisers change the arrays of {@link Weights#parameters()} in place.
 */
public final class WeightGradients implements AutoCloseable {
    private final NDManager manager;
    private final Map<Weights.Place, NDArray> gradients = new LinkedHashMap<>();
    private double value;

    private WeightGradients(NDManager manager) {
        this.manager = manager;
    }

    /**
     * Runs inputs forward and backward.
     *
     * @param inputs as one batch; adjacent sequences of equal length share one product per layer
     * @param manager closes the result at the latest
     */
    public static WeightGradients of(HookedModel model, List<Input> inputs, Objective objective, NDManager manager) {
        return of(model, inputs, new Hooks(model.points()), objective, manager);
    }

    /** Runs inputs forward and backward with hooks; gradients flow through edits that consist of array operations. */
    public static WeightGradients of(
            HookedModel model, List<Input> inputs, Hooks hooks, Objective objective, NDManager manager) {
        InputBatch batch = InputBatch.of(model.config(), inputs);
        objective.check(model.config(), batch);
        WeightGradients found = new WeightGradients(manager.newSubManager());
        try {
            return Recording.of(() -> {
                found.pass(model, batch, hooks, objective);
                return found;
            });
        } catch (RuntimeException e) {
            found.close();
            throw e;
        }
    }

    private void pass(HookedModel model, InputBatch batch, Hooks hooks, Objective objective) {
        try (HookedModel leaves = model.leaves();
                NDManager local = model.device().manager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            value = Backward.of(leaves.transformer(), batch, hooks, objective, local);
            leaves.weights().parameters().forEach((place, leaf) -> keep(place, leaf.getGradient()));
        }
    }

    private void keep(Weights.Place place, NDArray gradient) {
        NDScope.unregister(gradient);
        gradient.attach(manager);
        gradients.put(place, gradient);
    }

    /** Returns the value of the objective. */
    public double value() {
        return value;
    }

    /**
     * Returns the gradients by parameter, shaped alike; zeros if the number does not depend on it. Owned by this
     * object.
     */
    public Map<Weights.Place, NDArray> all() {
        return Collections.unmodifiableMap(gradients);
    }

    @Override
    public void close() {
        manager.close();
    }
}
