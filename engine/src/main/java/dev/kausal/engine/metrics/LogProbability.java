package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.function.IntFunction;

/** Natural logarithm of the answer's probability. */
public record LogProbability(int answer) implements OwnLogits {
    @Override
    public double of(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return MetricMath.logSoftmax(logits.toFloatArray())[answer];
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return MetricMath.entry(logits.logSoftmax(-1), answer);
    }
}
