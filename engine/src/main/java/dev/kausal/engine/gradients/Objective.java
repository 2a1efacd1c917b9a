package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.metrics.KlDivergence;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.rows.InputBatch;
import java.util.List;
import java.util.function.IntFunction;

/** A number whose gradients are wanted, as recorded operations on a pass's outputs. */
@FunctionalInterface
public interface Objective {
    /**
     * Computes the number.
     *
     * <p>Gradients do not flow through {@code toType}, {@code duplicate}, or numbers read into Java. A Java number in a
     * product or quotient must be a {@link dev.kausal.engine.tensor.Recording#scalar}, as in {@code x.mul(scalar)}
     * instead of {@code x.mul(2f)}.
     *
     * @param outputs [row, outputs] of {@link #rows}; for a pooled head [input, classes]. Must not be changed in place
     * @return one entry, of any shape
     */
    NDArray of(NDArray outputs, InputBatch batch);

    /** Returns the packed rows whose outputs it reads, in order; all by default. */
    default int[] rows(InputBatch batch) {
        return batch.allRows();
    }

    /** Throws if the model lacks what it reads, or the batch does not fit it. */
    default void check(ModelConfig config, InputBatch batch) {}

    /**
     * Returns the sum of one metric per input, read at the input's last position. Inputs do not interact in a pass, so
     * the gradient at an input's rows is that of its own metric.
     *
     * @param metrics one per input; logarithmic ones in nats
     * @param references logits [output] by {@link KlDivergence#reference()}
     */
    static Objective sum(List<Metric> metrics, List<float[]> references) {
        return new MetricSum(metrics, references);
    }

    /**
     * Returns the sum of one metric per input.
     *
     * @param read position that each input is read at
     * @param references returns the logits [output] of a run
     */
    static Objective sum(List<Metric> metrics, List<Integer> read, IntFunction<float[]> references) {
        return new MetricSum(metrics, read, references);
    }

    /** Returns one input's metric, read at its last position. */
    static Objective of(Metric metric) {
        return new MetricSum(List.of(metric), List.of());
    }

    /**
     * Returns the mean next-token cross-entropy over all predicted positions of all inputs, in nats: the training loss.
     */
    static Objective nextTokenLoss() {
        return new NextTokenLoss();
    }

    /**
     * Returns the weighted sum of minus the log-probabilities of targets, in nats.
     *
     * @param rows packed rows whose outputs are read; inputs, if the model's head pools
     * @param targets target of each row: a token, or a class
     * @param weights weight of each row; their sum is 1 for a mean
     * @throws ObjectiveException if their numbers differ
     */
    static Objective crossEntropy(int[] rows, long[] targets, float[] weights) {
        return new CrossEntropy(rows, targets, weights, 0);
    }

    /**
     * Returns the weighted sum of the cross-entropies with smoothed targets, in nats: {@code smoothing} of the
     * probability is shared equally by all outputs, so that right logits are finite.
     */
    static Objective crossEntropy(int[] rows, long[] targets, float[] weights, double smoothing) {
        return new CrossEntropy(rows, targets, weights, smoothing);
    }
}
