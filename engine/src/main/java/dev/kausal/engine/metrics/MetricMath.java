package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Slices;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/** Probabilities from logits: in double precision, and as operations that gradients flow through. */
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

    /** Returns the mean of {@code number} over {@code tokens}. */
    static double mean(List<Integer> tokens, IntToDoubleFunction number) {
        double sum = 0;
        for (int token : tokens) {
            sum += number.applyAsDouble(token);
        }
        return sum / tokens.size();
    }

    /** Returns the probability of any of {@code tokens}. */
    static double probability(double[] log, List<Integer> tokens) {
        return tokens.stream().mapToDouble(token -> Math.exp(log[token])).sum();
    }

    /** Returns the logarithm of the probability of any of {@code tokens}, accurate even if it is tiny. */
    static double logSumExp(double[] log, List<Integer> tokens) {
        double max = tokens.stream().mapToDouble(token -> log[token]).max().orElseThrow();
        return max
                + Math.log(tokens.stream()
                        .mapToDouble(token -> Math.exp(log[token] - max))
                        .sum());
    }

    /** Returns the tokens of both lists. */
    static List<Integer> joined(List<Integer> a, List<Integer> b) {
        List<Integer> both = new ArrayList<>(a.size() + b.size());
        both.addAll(a);
        both.addAll(b);
        return both;
    }

    /** Returns the mean of some entries of each row, recorded: [row, 1]. */
    static NDArray mean(NDArray logits, List<Integer> tokens) {
        return tokens.size() == 1
                ? entry(logits, tokens.get(0))
                : entries(logits, tokens).mean(new int[] {1}, true);
    }

    /** Returns the probability of any of {@code tokens} for each row of log-probabilities, recorded: [row, 1]. */
    static NDArray probability(NDArray log, List<Integer> tokens) {
        return tokens.size() == 1
                ? entry(log, tokens.get(0)).exp()
                : entries(log, tokens).exp().sum(new int[] {1}, true);
    }

    /** Returns the logarithm of the probability of any of {@code tokens} for each row, however small, recorded: [row, 1]. */
    static NDArray logSumExp(NDArray log, List<Integer> tokens) {
        NDArray own = entries(log, tokens);
        // The gradient does not depend on what is subtracted.
        NDArray max = own.max(new int[] {1}, true).stopGradient();
        return own.sub(max).exp().sum(new int[] {1}, true).log().add(max);
    }

    /** Returns some entries of each row, recorded: [row, token]. */
    static NDArray entries(NDArray logits, List<Integer> tokens) {
        NDList all = new NDList();
        tokens.forEach(token -> all.add(entry(logits, token)));
        return all.size() == 1 ? all.get(0) : NDArrays.concat(all, 1);
    }

    /** Returns one entry of each row, recorded: [row, 1]. */
    static NDArray entry(NDArray logits, int output) {
        return Slices.of(logits, 1, output, output + 1L);
    }
}
