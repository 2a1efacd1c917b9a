package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Probability of the answer; of several, that of any of them.
 *
 * @param answers at least one
 */
public record Probability(List<Integer> answers) implements OwnLogits {
    public Probability {
        answers = MetricException.some("answer", answers);
    }

    /** Creates the metric of one answer. */
    public Probability(int answer) {
        this(List.of(answer));
    }

    @Override
    public List<Integer> named() {
        return answers;
    }

    @Override
    public double of(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return MetricMath.probability(MetricMath.logSoftmax(logits.toFloatArray()), answers);
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return MetricMath.probability(logits.logSoftmax(-1), answers);
    }
}
