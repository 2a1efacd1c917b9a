package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;

/** logit(answer). */
public record Logit(int answer) implements TokenMetric {
    @Override
    public List<Integer> tokens() {
        return List.of(answer);
    }

    @Override
    public double of(IntToDoubleFunction logit) {
        return logit.applyAsDouble(answer);
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return MetricMath.entry(logits, answer);
    }
}
