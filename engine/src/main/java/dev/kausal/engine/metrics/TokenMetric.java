package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;

/** A metric that needs the logits of only a few tokens, so that no others are computed. */
public sealed interface TokenMetric extends OwnLogits permits LargestDifference, Logit, LogitDifference {
    @Override
    List<Integer> tokens();

    /** Computes the metric from the logits of its {@link #tokens()}. */
    double of(IntToDoubleFunction logit);

    @Override
    default double of(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return of(token -> logits.getFloat(0, token));
    }

    @Override
    default Optional<TokenMetric> ofTokens() {
        return Optional.of(this);
    }
}
