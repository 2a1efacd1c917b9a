package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.function.IntFunction;

/** Probability of the answer. */
public record Probability(int answer) implements OwnLogits {
    @Override
    public double of(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return Math.exp(MetricMath.logSoftmax(logits.toFloatArray())[answer]);
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return MetricMath.entry(logits.logSoftmax(-1), answer).exp();
    }
}
