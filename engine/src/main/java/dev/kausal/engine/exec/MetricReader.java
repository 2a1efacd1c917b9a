package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.model.ModelConfig;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.Metric;
import dev.kausal.engine.plan.SweepPlan;
import java.util.function.IntToDoubleFunction;

/** Reads metrics from logits, summing in double precision. */
public final class MetricReader {
    private MetricReader() {}

    /**
     * Checks that a model has what the plan's metrics read.
     *
     * @throws MetricException where it has not
     */
    static void check(ModelConfig config, SweepPlan plan) {
        for (Cell cell : plan.cells()) {
            MetricException.check(config, cell.metric());
        }
    }

    /**
     * Reads one metric.
     *
     * @param logits [1, vocabulary], or [position, vocabulary] for a metric over every position
     */
    static double read(Metric metric, NDArray logits, int[] ids, Sources sources) {
        if (!metric.tokens().isEmpty()) {
            return ofTokens(metric, token -> logits.getFloat(0, token));
        }
        if (metric instanceof Metric.Function m) {
            return m.function().applyAsDouble(logits.squeeze(0));
        }
        if (metric instanceof Metric.Loss) {
            return loss(logits, ids);
        }
        double[] logProbabilities =
                logSoftmax(logits.toFloatArray(), 0, (int) logits.getShape().get(1));
        if (metric instanceof Metric.Kl m) {
            return kl(sources.reference(m.reference()), logProbabilities);
        }
        return metric instanceof Metric.Probability m
                ? Math.exp(logProbabilities[m.answer()])
                : logProbabilities[((Metric.LogProbability) metric).answer()];
    }

    /** Reads a metric of single tokens ({@link Metric#tokens}) from their logits. */
    static double ofTokens(Metric metric, IntToDoubleFunction logit) {
        return metric instanceof Metric.LogitDifference m
                ? logit.applyAsDouble(m.answer()) - logit.applyAsDouble(m.foil())
                : logit.applyAsDouble(((Metric.Logit) metric).answer());
    }

    private static double loss(NDArray logits, int[] ids) {
        if (ids.length < 2) {
            throw new EditException(
                    "hook_logits", "cannot give a loss: a prompt of one token predicts none of itself.");
        }
        int vocabulary = (int) logits.getShape().get(1);
        float[] all = logits.toFloatArray();
        double total = 0;
        for (int position = 0; position + 1 < ids.length; position++) {
            total -= logSoftmax(all, position * vocabulary, vocabulary)[ids[position + 1]];
        }
        return total / (ids.length - 1);
    }

    private static double kl(float[] reference, double[] logProbabilities) {
        double[] clean = logSoftmax(reference, 0, reference.length);
        double total = 0;
        for (int i = 0; i < clean.length; i++) {
            total += Math.exp(clean[i]) * (clean[i] - logProbabilities[i]);
        }
        return total;
    }

    /** Natural log-probabilities of {@code length} logits from {@code offset}. */
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
}
