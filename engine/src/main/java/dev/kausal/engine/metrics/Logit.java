package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntToDoubleFunction;

/**
 * Logit of the answer; over several answers, the mean.
 *
 * @param answers at least one
 */
public record Logit(List<Integer> answers) implements TokenMetric {
    public Logit {
        answers = MetricException.some("answer", answers);
    }

    /** Creates the metric of one answer. */
    public Logit(int answer) {
        this(List.of(answer));
    }

    @Override
    public List<Integer> tokens() {
        return answers;
    }

    @Override
    public double of(IntToDoubleFunction logit) {
        return MetricMath.mean(answers, logit);
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return MetricMath.mean(logits, answers);
    }
}
