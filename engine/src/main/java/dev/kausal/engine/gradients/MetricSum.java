package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.metrics.MetricException;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Slices;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/** {@link Metric}s as recorded operations, one per input. */
final class MetricSum implements Objective {
    private final List<Metric> metrics;
    private final List<Integer> read;
    private final IntFunction<float[]> references;

    MetricSum(List<Metric> metrics, List<float[]> references) {
        this(metrics, List.of(), references::get);
        metrics.forEach(metric -> metric.reference().ifPresent(index -> Objects.checkIndex(index, references.size())));
    }

    /**
     * Sums metrics.
     *
     * @param read position that each metric of a single one reads; empty if the last ones
     */
    MetricSum(List<Metric> metrics, List<Integer> read, IntFunction<float[]> references) {
        this.metrics = List.copyOf(metrics);
        this.read = List.copyOf(read);
        this.references = references;
        for (Metric metric : metrics) {
            if (metric.callsScript()) {
                throw ObjectiveException.functionOfNumbers();
            }
        }
    }

    @Override
    public void check(ModelConfig config, InputBatch batch) {
        if (metrics.isEmpty() || metrics.size() != batch.inputs().size()) {
            throw ObjectiveException.counts(metrics.size(), batch.inputs().size());
        }
        for (int i = 0; i < metrics.size(); i++) {
            MetricException.check(config, metrics.get(i), batch.inputs().get(i).length());
        }
    }

    /** Returns the row that each input is read at, or those that its metric reads. */
    @Override
    public int[] rows(InputBatch batch) {
        IntStream rows = IntStream.empty();
        int start = 0;
        for (int i = 0; i < metrics.size(); i++) {
            int length = batch.inputs().get(i).length();
            int from = start;
            int[] positions = metrics.get(i).positions(length, read.isEmpty() ? length - 1 : read.get(i));
            rows = IntStream.concat(rows, Arrays.stream(positions).map(position -> from + position));
            start += length;
        }
        return rows.toArray();
    }

    @Override
    public NDArray of(NDArray outputs, InputBatch batch) {
        NDArray sum = null;
        int row = 0;
        for (int i = 0; i < metrics.size(); i++) {
            Input input = batch.inputs().get(i);
            int end = row + metrics.get(i).rows(input.length());
            NDArray metric = metrics.get(i)
                    .recorded(Slices.of(outputs, 0, row, end), input.ids(), references)
                    .reshape(1);
            sum = sum == null ? metric : sum.add(metric);
            row = end;
        }
        return Present.of(sum, "metric to sum");
    }
}
