package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;

/** A script's function of the last position's logits [vocabulary]. */
public record ScriptMetric(ToDoubleFunction<NDArray> function) implements OwnLogits {
    @Override
    public boolean callsScript() {
        return true;
    }

    @Override
    public double of(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return function.applyAsDouble(logits.squeeze(0));
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        throw new UnsupportedOperationException("a script's number has no gradient");
    }
}
