package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.tensor.Slices;
import java.util.function.BiFunction;

/** Repeats what belongs to a key-value head for each query head of its group. Arrays belong to the open NDScope. */
final class Ungrouping implements BiFunction<Parameter, NDArray, NDArray> {
    private final ModelConfig config;

    Ungrouping(ModelConfig config) {
        this.config = config;
    }

    @Override
    public NDArray apply(Parameter parameter, NDArray array) {
        return switch (parameter) {
            case QKV -> fused(array, 1);
            case QKV_BIAS -> fused(array, 0);
            case KEY_NORM_GAIN, KEY_NORM_BIAS ->
                config.attention().headNorm() == AttentionConfig.HeadNorm.ALL_HEADS
                        ? repeated(array, 0, 0)
                        : array.stopGradient();
            default -> array.stopGradient();
        };
    }

    /** Repeats keys and values of a fused parameter, whose {@code axis} has queries, keys and values. */
    private NDArray fused(NDArray array, int axis) {
        long queries = (long) config.heads() * config.dHead();
        long keys = (long) config.keyValueHeads() * config.dHead();
        return NDArrays.concat(
                new NDList(
                        Slices.of(array, axis, 0, queries),
                        repeated(array, axis, queries),
                        repeated(array, axis, queries + keys)),
                axis);
    }

    /** Returns the key-value heads that begin at {@code from}, each as often as its group has query heads. */
    private NDArray repeated(NDArray array, int axis, long from) {
        NDList heads = new NDList();
        for (int head = 0; head < config.heads(); head++) {
            long first = from + (long) (head / config.groupSize()) * config.dHead();
            heads.add(Slices.of(array, axis, first, first + config.dHead()));
        }
        return NDArrays.concat(heads, axis);
    }
}
