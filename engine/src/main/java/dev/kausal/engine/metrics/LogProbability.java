package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Natural logarithm of the answer's probability; of several, of the probability of any of them.
 *
 * @param answers at least one
 */
public record LogProbability(List<Integer> answers) implements OwnLogits {
    public LogProbability {
        answers = MetricException.some("answer", answers);
    }

    /** Creates the metric of one answer. */
    public LogProbability(int answer) {
        this(List.of(answer));
    }

    @Override
    public List<Integer> named() {
        return answers;
    }

    @Override
    public double of(NDArray logits, int[] ids, IntFunction<float[]> references) {
        double[] all = MetricMath.logSoftmax(logits.toFloatArray());
        return answers.size() == 1 ? all[answers.get(0)] : MetricMath.logSumExp(all, answers);
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        NDArray all = logits.logSoftmax(-1);
        return answers.size() == 1 ? MetricMath.entry(all, answers.get(0)) : MetricMath.logSumExp(all, answers);
    }
}
