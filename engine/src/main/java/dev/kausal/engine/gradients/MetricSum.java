package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.exec.InputBatch;
import dev.kausal.engine.exec.MetricException;
import dev.kausal.engine.exec.MetricReader;
import dev.kausal.engine.model.Input;
import dev.kausal.engine.model.ModelConfig;
import dev.kausal.engine.plan.Metric;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Slices;
import java.util.List;
import java.util.stream.IntStream;

/** {@link Metric}s as recorded operations, one per input. */
final class MetricSum implements Objective {
    private final List<Metric> metrics;
    private final List<float[]> references;

    MetricSum(List<Metric> metrics, List<float[]> references) {
        this.metrics = List.copyOf(metrics);
        this.references = List.copyOf(references);
        for (Metric metric : metrics) {
            if (metric instanceof Metric.Function) {
                throw ObjectiveException.functionOfNumbers();
            }
            if (metric instanceof Metric.Kl kl && kl.reference() >= references.size()) {
                throw new IllegalArgumentException(
                        "metric reads reference " + kl.reference() + " of " + references.size());
            }
        }
    }

    @Override
    public void check(ModelConfig config, InputBatch batch) {
        if (metrics.isEmpty() || metrics.size() != batch.inputs().size()) {
            throw ObjectiveException.counts(metrics.size(), batch.inputs().size());
        }
        metrics.forEach(metric -> MetricException.check(config, metric));
    }

    /** The last row of each input; all rows of an input whose metric reads every position. */
    @Override
    public int[] rows(InputBatch batch) {
        IntStream rows = IntStream.empty();
        int start = 0;
        for (int i = 0; i < metrics.size(); i++) {
            int end = start + batch.inputs().get(i).length();
            int first = metrics.get(i).everyPosition() ? start : end - 1;
            rows = IntStream.concat(rows, IntStream.range(first, end));
            start = end;
        }
        return rows.toArray();
    }

    @Override
    public NDArray of(NDArray outputs, InputBatch batch) {
        NDArray sum = null;
        int row = 0;
        for (int i = 0; i < metrics.size(); i++) {
            Input input = batch.inputs().get(i);
            int end = row + (metrics.get(i).everyPosition() ? input.length() : 1);
            NDArray its =
                    one(metrics.get(i), Slices.of(outputs, 0, row, end), input).reshape(1);
            sum = sum == null ? its : sum.add(its);
            row = end;
        }
        return sum;
    }

    /** One metric of logits [1, outputs], or [position, outputs] for a metric over every position. */
    private NDArray one(Metric metric, NDArray logits, Input input) {
        if (metric instanceof Metric.LogitDifference m) {
            return entry(logits, m.answer()).sub(entry(logits, m.foil()));
        }
        if (metric instanceof Metric.Logit m) {
            return entry(logits, m.answer());
        }
        if (metric instanceof Metric.LogProbability m) {
            return entry(logits.logSoftmax(-1), m.answer());
        }
        if (metric instanceof Metric.Probability m) {
            return entry(logits.logSoftmax(-1), m.answer()).exp();
        }
        if (metric instanceof Metric.Kl m) {
            return kl(references.get(m.reference()), logits);
        }
        NextTokenLoss loss = new NextTokenLoss();
        InputBatch alone = new InputBatch(List.of(input));
        return loss.of(Slices.of(logits, 0, 0, loss.rows(alone).length), alone);
    }

    private static NDArray entry(NDArray logits, int output) {
        return Slices.of(logits, 1, output, output + 1L);
    }

    private static NDArray kl(float[] reference, NDArray logits) {
        double[] clean = MetricReader.logSoftmax(reference, 0, reference.length);
        float[] probabilities = new float[clean.length];
        double entropy = 0;
        for (int i = 0; i < clean.length; i++) {
            double probability = Math.exp(clean[i]);
            probabilities[i] = (float) probability;
            entropy -= probability * clean[i];
        }
        NDArray weights = Recording.own(logits.getManager().create(probabilities, new Shape(1, clean.length)));
        return logits.logSoftmax(-1).mul(weights).sum().neg().sub((float) entropy);
    }
}
