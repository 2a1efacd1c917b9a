package dev.kausal.engine.analysis;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.tensor.Slices;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Activations at the positions that outputs are read from: the last one of a prompt, or those that a classifier pools.
 * A hook stores them while inputs with equally many such positions run.
 */
final class ReadRows implements BiConsumer<NDArray, HookPoint> {
    private final ModelConfig config;
    private final int perInput;
    private final NDManager owner;
    private final Map<HookPoint, List<NDArray>> parts = new HashMap<>();

    /** Stores arrays in {@code owner}, {@code perInput} positions of each input. */
    ReadRows(ModelConfig config, int perInput, NDManager owner) {
        this.config = config;
        this.perInput = perInput;
        this.owner = owner;
    }

    /** Returns the positions that are read of an input of {@code length}. */
    static int[] positions(ModelConfig config, int length) {
        return config.rowsRead(length, length - 1);
    }

    int perInput() {
        return perInput;
    }

    NDManager owner() {
        return owner;
    }

    @Override
    public void accept(NDArray activation, HookPoint point) {
        NDArray kept = read(config, activation, 1).duplicate();
        NDScope.unregister(kept);
        kept.attach(owner);
        parts.computeIfAbsent(point, key -> new ArrayList<>(1)).add(kept);
    }

    /** Selects the read positions along an axis; an array with one row per input is returned whole. */
    static NDArray read(ModelConfig config, NDArray array, int axis) {
        int length = (int) array.getShape().get(axis);
        if (length == 1) {
            return array;
        }
        int[] positions = positions(config, length);
        NDList runs = new NDList();
        for (int i = 0; i < positions.length; ) {
            int end = i + 1;
            while (end < positions.length && positions[end] == positions[end - 1] + 1) {
                end++;
            }
            runs.add(Slices.of(array, axis, positions[i], positions[end - 1] + 1L));
            i = end;
        }
        return runs.size() == 1 ? runs.get(0) : NDArrays.concat(runs, axis);
    }

    /**
     * Returns [input * read position, unit] at a point; heads follow each other. A pooled row is repeated for each of
     * its positions.
     */
    NDArray at(HookPoint point) {
        List<NDArray> all = Present.in(parts, point);
        NDArray rows = all.size() == 1 ? all.get(0) : NDArrays.concat(new NDList(all));
        long count = rows.getShape().get(0) * rows.getShape().get(1);
        NDArray flat = rows.reshape(count, rows.size() / count);
        return rows.getShape().get(1) == perInput ? flat : flat.repeat(0, perInput);
    }
}
