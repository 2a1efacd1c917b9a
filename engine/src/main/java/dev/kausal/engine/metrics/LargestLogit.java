package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.function.IntFunction;

/** Largest absolute logit at the last position, as a scale for rounding errors. */
public record LargestLogit() implements OwnLogits {
    @Override
    public double of(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return logits.abs().max().getFloat();
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return logits.abs().max();
    }
}
