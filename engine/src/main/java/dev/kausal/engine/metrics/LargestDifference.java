package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;

/**
 * The largest logit of the answers − the largest of the foils: above 0 if the most likely of them is an answer.
 *
 * @param answers at least one
 * @param foils at least one
 */
public record LargestDifference(List<Integer> answers, List<Integer> foils) implements TokenMetric {
    public LargestDifference {
        answers = MetricException.some("answer", answers);
        foils = MetricException.some("foil", foils);
    }

    @Override
    public List<Integer> tokens() {
        return MetricMath.joined(answers, foils);
    }

    @Override
    public double of(IntToDoubleFunction logit) {
        return largest(answers, logit) - largest(foils, logit);
    }

    private static double largest(List<Integer> tokens, IntToDoubleFunction logit) {
        return tokens.stream().mapToDouble(logit::applyAsDouble).max().orElseThrow();
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return MetricMath.entries(logits, answers)
                .max(new int[] {1}, true)
                .sub(MetricMath.entries(logits, foils).max(new int[] {1}, true));
    }
}
