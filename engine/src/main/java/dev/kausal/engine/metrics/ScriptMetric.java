package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;

/**
 * A script's function of logits.
 *
 * @param at positions whose logits [position, vocabulary] it receives, ascending; empty for the logits [vocabulary] of
 *     the position that the run reads
 */
public record ScriptMetric(List<Integer> at, ToDoubleFunction<NDArray> function) implements OwnLogits {
    public ScriptMetric {
        at = List.copyOf(at);
    }

    /** Creates a function of the logits [vocabulary] of the position that the run reads. */
    public ScriptMetric(ToDoubleFunction<NDArray> function) {
        this(List.of(), function);
    }

    @Override
    public boolean callsScript() {
        return true;
    }

    @Override
    public Optional<int[]> positions(int length) {
        return at.isEmpty()
                ? Optional.empty()
                : Optional.of(at.stream().mapToInt(Integer::intValue).toArray());
    }

    @Override
    public double of(NDArray logits, int[] ids, IntFunction<float[]> references) {
        return function.applyAsDouble(at.isEmpty() ? logits.squeeze(0) : logits);
    }

    @Override
    public NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references) {
        throw new UnsupportedOperationException("a script's number has no gradient");
    }
}
