package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Probability of any of the answers − that of any of the foils (Hanna et al. 2023).
 *
 * @param answers at least one
 * @param foils at least one
 */
public record ProbabilityDifference(List<Integer> answers, List<Integer> foils) implements OwnLogits {
    public ProbabilityDifference {
        answers = MetricException.some("answer", answers);
        foils = MetricException.some("foil", foils);
    }

    @Override
    public List<Integer> named() {
        return MetricMath.joined(answers, foils);
    }

    @Override
    public double of(NDArray logits, int[] ids, IntFunction<float[]> references) {
        double[] all = MetricMath.logSoftmax(logits.toFloatArray());
        return MetricMath.probability(all, answers) - MetricMath.probability(all, foils);
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        NDArray all = logits.logSoftmax(-1);
        return MetricMath.probability(all, answers).sub(MetricMath.probability(all, foils));
    }
}
