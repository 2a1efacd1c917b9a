package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.metrics.KlDivergence;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.rows.InputBatch;
import java.util.List;

/** The number whose gradients are wanted, as operations on a pass's outputs that are recorded. */
@FunctionalInterface
public interface Objective {
    /**
     * The number.
     *
     * <p>Gradients do not flow through {@code toType}, {@code duplicate}, or numbers that Java has read. A Java number in a
     * product or quotient goes in as {@link dev.kausal.engine.tensor.Recording#scalar}, not as {@code x.mul(2f)}.
     *
     * @param outputs [row, outputs] of {@link #rows}; of a pooled head [input, classes]. Not to be changed in place
     * @return one entry, of any shape
     */
    NDArray of(NDArray outputs, InputBatch batch);

    /** Packed rows whose outputs it reads, in this order: all of them, unless overridden. */
    default int[] rows(InputBatch batch) {
        return batch.allRows();
    }

    /** Stops where the model does not compute what it reads, or the batch is not one for it. */
    default void check(ModelConfig config, InputBatch batch) {}

    /**
     * The sum of one metric per input, read at the input's last position. Inputs do not meet in a pass, so the gradient
     * at an input's rows is that of its own metric.
     *
     * @param metrics one per input, in nats where logarithmic
     * @param references logits [output] that {@link KlDivergence#reference()} counts
     */
    static Objective sum(List<Metric> metrics, List<float[]> references) {
        return new MetricSum(metrics, references);
    }

    /** One input's metric, read at its last position. */
    static Objective of(Metric metric) {
        return new MetricSum(List.of(metric), List.of());
    }

    /** Mean next-token cross-entropy over all predicted positions of all inputs, in nats: the loss of training. */
    static Objective nextTokenLoss() {
        return new NextTokenLoss();
    }
}
