package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/** Probability of the answer. */
public record Probability(int answer) implements Metric {
    @Override
    public Optional<TokenMetric> ofTokens() {
        return Optional.empty();
    }

    @Override
    public boolean everyPosition() {
        return false;
    }

    @Override
    public OptionalInt reference() {
        return OptionalInt.empty();
    }

    @Override
    public boolean callsScript() {
        return false;
    }

    @Override
    public Metric renumbered(IntUnaryOperator runs) {
        return this;
    }

    @Override
    public double of(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return Math.exp(MetricMath.logSoftmax(logits.toFloatArray())[answer]);
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return MetricMath.entry(logits.logSoftmax(-1), answer).exp();
    }
}
