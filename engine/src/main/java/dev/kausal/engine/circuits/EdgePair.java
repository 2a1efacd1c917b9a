package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.forward.ForwardPass;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.metrics.MetricException;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Two inputs of one length, and the metric of the first.
 *
 * @param clean the input that is run
 * @param corrupted the input whose outputs edges carry in place of the clean one's
 * @param read position whose outputs the metric reads unless it names its own; ignored for classifiers
 * @param metric the metric; a gradient of it must exist to estimate edges
 * @param references logits [output] that the metric compares with, by {@link Metric#reference()}
 */
public record EdgePair(Input clean, Input corrupted, int read, Metric metric, List<float[]> references) {
    public EdgePair {
        references = List.copyOf(references);
        if (clean.length() != corrupted.length()) {
            throw new CircuitInputException(clean.length(), corrupted.length());
        }
        int known = references.size();
        metric.reference().ifPresent(index -> Objects.checkIndex(index, known));
    }

    /** A pair whose metric compares with no other run. */
    public EdgePair(Input clean, Input corrupted, int read, Metric metric) {
        this(clean, corrupted, read, metric, List.of());
    }

    /** Returns the number of positions of each input. */
    public int length() {
        return clean.length();
    }

    private int[] positions() {
        return metric.positions(length(), read);
    }

    /** Returns the packed rows that the metric reads in {@code copies} of one input, in order. */
    int[] rows(int copies) {
        int[] own = positions();
        return IntStream.range(0, copies * own.length)
                .map(i -> i / own.length * length() + own[i % own.length])
                .toArray();
    }

    /**
     * Returns the metric of each copy of the clean input.
     *
     * @param outputs of {@link #rows}, or [copy, output] of a pooled head
     */
    double[] metrics(NDArray outputs, int copies) {
        long each = outputs.getShape().get(0) / copies;
        double[] values = new double[copies];
        for (int i = 0; i < copies; i++) {
            NDArray own = Slices.of(outputs, 0, i * each, (i + 1) * each);
            values[i] = metric.of(own, clean.ids(), references::get);
        }
        return values;
    }

    /** Returns the metric of the clean run and that of the corrupted run, in which all edges carry its outputs. */
    public double[] metrics(HookedModel model) {
        Torch.inference();
        check(model.config());
        try (Scope scope = model.device().scope()) {
            ForwardPass pass = new ForwardPass(model.transformer(), new Hooks(model.points()));
            InputBatch both = InputBatch.of(model.config(), List.of(clean, corrupted));
            return metrics(pass.run(both, rows(2), scope.manager()), 2);
        }
    }

    /** Throws if the model lacks what the metric reads. */
    void check(ModelConfig config) {
        MetricException.check(config, metric, length());
    }
}
