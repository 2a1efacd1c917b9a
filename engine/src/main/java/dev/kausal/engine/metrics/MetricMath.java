package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Slices;

/** Probabilities from logits: as numbers in double precision, and as operations that gradients flow through. */
public final class MetricMath {
    private MetricMath() {}

    /** Returns natural log-probabilities. */
    public static double[] logSoftmax(float[] logits) {
        return logSoftmax(logits, 0, logits.length);
    }

    /** Returns natural log-probabilities of {@code length} logits from {@code offset}. */
    public static double[] logSoftmax(float[] logits, int offset, int length) {
        double max = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            max = Math.max(max, logits[offset + i]);
        }
        double sum = 0;
        for (int i = 0; i < length; i++) {
            sum += Math.exp(logits[offset + i] - max);
        }
        double log = max + Math.log(sum);
        double[] result = new double[length];
        for (int i = 0; i < length; i++) {
            result[i] = logits[offset + i] - log;
        }
        return result;
    }

    /** Returns the log-probability of one entry of each row, recorded: [row, 1]. */
    public static NDArray logProbabilities(NDArray logits, long[] entries) {
        NDManager manager = logits.getManager();
        NDArray index = Recording.nativeCopy(manager.create(entries, new Shape(entries.length, 1)));
        return logits.logSoftmax(-1).gather(index, 1);
    }

    /** Returns one entry of each row, recorded: [row, 1]. */
    static NDArray entry(NDArray logits, int output) {
        return Slices.of(logits, 1, output, output + 1L);
    }
}
