package dev.kausal.engine.requests;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.edits.EditHooks;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * One run's activations at some hook points, in their order.
 *
 * @param run an input with its edits
 * @param points names of hook points
 */
public record Activations(Run run, List<String> points) implements Request<List<Activations.Values>> {
    @Override
    public List<Activations.Values> of(HookedModel model) {
        Torch.inference();
        try (NDManager manager = model.device().manager()) {
            Hooks hooks = EditHooks.of(model.points(), run.edits());
            ActivationCache cache = hooks.capture(point -> points.contains(point.name()), manager);
            model.outputsAt(run.input(), run.read(), hooks, manager);
            return points.stream().map(point -> Values.of(cache.get(point))).toList();
        }
    }

    /**
     * Answers point by point, in the order of the pass, so that at most one point's activation is in memory.
     *
     * @param take receives the name and activation of each point
     */
    public void each(HookedModel model, BiConsumer<String, Activations.Values> take) {
        Torch.inference();
        try (NDManager manager = model.device().manager()) {
            Hooks hooks = EditHooks.of(model.points(), run.edits());
            hooks.read(
                    point -> points.contains(point.name()),
                    (activation, point) -> take.accept(point.name(), Values.of(activation)));
            model.outputsAt(run.input(), run.read(), hooks, manager);
        }
    }

    /**
     * One activation.
     *
     * @param values row-major over {@code shape}
     * @param shape lengths of its axes, without the batch axis
     */
    public record Values(float[] values, int[] shape) {
        private static Values of(NDArray array) {
            long[] shape = array.getShape().getShape();
            int[] lengths = new int[shape.length - 1];
            for (int i = 0; i < lengths.length; i++) {
                lengths[i] = (int) shape[i + 1];
            }
            return new Values(array.toFloatArray(), lengths);
        }
    }
}
