package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Natural logarithm of the probability of the input's last {@code count} tokens, given those before them: the sum of
 * their log-probabilities, in nats. The input is a prompt and its continuation.
 *
 * @param count length of the continuation, at least 1 and less than the input's
 */
public record LogLikelihood(int count) implements OwnLogits {
    public LogLikelihood {
        if (count < 1) {
            throw MetricException.nothingContinued(count);
        }
    }

    /** Returns the positions that predict the continuation: each token's is the one before it. */
    @Override
    public Optional<int[]> positions(int length) {
        return Optional.of(IntStream.range(length - count - 1, length - 1).toArray());
    }

    @Override
    public boolean ofOwnTokens() {
        return true;
    }

    @Override
    public double of(NDArray logits, int[] ids, IntFunction<float[]> references) {
        int vocabulary = (int) logits.getShape().get(1);
        float[] all = logits.toFloatArray();
        double total = 0;
        for (int i = 0; i < count; i++) {
            total += MetricMath.logSoftmax(all, i * vocabulary, vocabulary)[ids[ids.length - count + i]];
        }
        return total;
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        long[] targets =
                IntStream.of(ids).skip(ids.length - count).asLongStream().toArray();
        return MetricMath.logProbabilities(logits, targets).sum();
    }
}
