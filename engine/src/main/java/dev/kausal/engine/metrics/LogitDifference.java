package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;

/** logit(answer) − logit(foil). */
public record LogitDifference(int answer, int foil) implements TokenMetric {
    @Override
    public List<Integer> tokens() {
        return List.of(answer, foil);
    }

    @Override
    public double of(IntToDoubleFunction logit) {
        return logit.applyAsDouble(answer) - logit.applyAsDouble(foil);
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return MetricMath.entry(logits, answer).sub(MetricMath.entry(logits, foil));
    }
}
