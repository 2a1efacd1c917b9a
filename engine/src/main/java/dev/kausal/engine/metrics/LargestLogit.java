package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.function.IntFunction;

/** The largest absolute value of all logits at the last position: how large numbers are that round there. */
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
