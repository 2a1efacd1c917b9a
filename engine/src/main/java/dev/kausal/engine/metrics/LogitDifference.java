package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;

/**
 * logit(answer) − logit(foil); over several, the difference of their means, which stays linear in the logits, so that
 * attribution can decompose it, and does not grow with the number of tokens.
 *
 * @param answers at least one
 * @param foils at least one
 */
public record LogitDifference(List<Integer> answers, List<Integer> foils) implements TokenMetric {
    public LogitDifference {
        answers = MetricException.some("answer", answers);
        foils = MetricException.some("foil", foils);
    }

    /** Creates the difference of two logits. */
    public LogitDifference(int answer, int foil) {
        this(List.of(answer), List.of(foil));
    }

    @Override
    public List<Integer> tokens() {
        return MetricMath.joined(answers, foils);
    }

    @Override
    public double of(IntToDoubleFunction logit) {
        return MetricMath.mean(answers, logit) - MetricMath.mean(foils, logit);
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return MetricMath.mean(logits, answers).sub(MetricMath.mean(logits, foils));
    }
}
