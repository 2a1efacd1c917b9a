package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.tensor.Recording;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/** KL(reference ‖ this run) of the next-token distributions, in nats; {@code run} is an index into the plan's runs. */
public record KlDivergence(int run) implements Metric {
    @Override
    public OptionalInt reference() {
        return OptionalInt.of(run);
    }

    @Override
    public Metric renumbered(IntUnaryOperator runs) {
        return new KlDivergence(runs.applyAsInt(run));
    }

    @Override
    public double of(NDArray logits, int[] ids, IntFunction<float[]> references) {
        double[] clean = MetricMath.logSoftmax(references.apply(run));
        double[] edited = MetricMath.logSoftmax(logits.toFloatArray());
        double total = 0;
        for (int i = 0; i < clean.length; i++) {
            total += Math.exp(clean[i]) * (clean[i] - edited[i]);
        }
        return total;
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        double[] clean = MetricMath.logSoftmax(references.apply(run));
        float[] probabilities = new float[clean.length];
        double entropy = 0;
        for (int i = 0; i < clean.length; i++) {
            double probability = Math.exp(clean[i]);
            probabilities[i] = (float) probability;
            entropy -= probability * clean[i];
        }
        NDArray weights = Recording.nativeCopy(logits.getManager().create(probabilities, new Shape(1, clean.length)));
        return logits.logSoftmax(-1).mul(weights).sum().neg().sub((float) entropy);
    }
}
