package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.tensor.Slices;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** Mean next-token cross-entropy over the prompt, in nats. */
public record Loss() implements OwnLogits {
    @Override
    public Optional<int[]> positions(int length) {
        return Optional.of(IntStream.range(0, length).toArray());
    }

    @Override
    public boolean ofOwnTokens() {
        return true;
    }

    @Override
    public double of(NDArray logits, int[] ids, IntFunction<float[]> references) {
        requirePrediction(ids);
        int vocabulary = (int) logits.getShape().get(1);
        float[] all = logits.toFloatArray();
        double total = 0;
        for (int position = 0; position + 1 < ids.length; position++) {
            total -= MetricMath.logSoftmax(all, position * vocabulary, vocabulary)[ids[position + 1]];
        }
        return total / (ids.length - 1);
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        requirePrediction(ids);
        long[] targets = IntStream.of(ids).skip(1).asLongStream().toArray();
        return MetricMath.logProbabilities(Slices.of(logits, 0, 0, targets.length), targets)
                .mean()
                .neg();
    }

    private static void requirePrediction(int[] ids) {
        if (ids.length < 2) {
            throw MetricException.nothingPredicted();
        }
    }
}
