package dev.kausal.engine.estimates;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Slices;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** The sum of one metric per run of a batch, which also keeps each metric's value. */
final class MeasuredSum implements Objective {
    private final List<Run> runs;
    private final List<Metric> metrics;
    private final IntFunction<float[]> references;
    private final Objective sum;
    private final double[] values;

    MeasuredSum(List<Run> runs, List<Metric> metrics, IntFunction<float[]> references) {
        this.runs = runs;
        this.metrics = metrics;
        this.references = references;
        List<Integer> read = new ArrayList<>();
        runs.forEach(run -> read.add(run.read()));
        this.sum = Objective.sum(metrics, read, references);
        this.values = new double[runs.size()];
    }

    /** Returns the values of the metrics in the latest pass. */
    double[] values() {
        return values.clone();
    }

    @Override
    public void check(ModelConfig config, InputBatch batch) {
        sum.check(config, batch);
    }

    @Override
    public int[] rows(InputBatch batch) {
        return sum.rows(batch);
    }

    @Override
    public NDArray of(NDArray outputs, InputBatch batch) {
        measure(outputs);
        return sum.of(outputs, batch);
    }

    /** Computes the values from outputs of {@link #rows}. */
    void measure(NDArray outputs) {
        NDArray numbers = outputs.stopGradient();
        int row = 0;
        for (int i = 0; i < values.length; i++) {
            Metric metric = metrics.get(i);
            int end = row + metric.rows(runs.get(i).length());
            values[i] = metric.of(Slices.of(numbers, 0, row, end), runs.get(i).ids(), references);
            row = end;
        }
    }
}
