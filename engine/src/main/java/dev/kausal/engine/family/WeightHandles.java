package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.tensor.Recording;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** New handles on parameters, or arrays made from them, each owned by a given manager. */
final class WeightHandles {
    private WeightHandles() {}

    /** Returns handles that gradients are kept for. */
    static Map<Parameter, NDArray> leaves(Map<Parameter, NDArray> arrays, NDManager own) {
        Map<Parameter, NDArray> leaves = new EnumMap<>(Parameter.class);
        arrays.forEach((parameter, array) -> {
            NDArray leaf = Recording.leaf(array);
            leaf.attach(own);
            leaves.put(parameter, leaf);
        });
        return leaves;
    }

    /** Returns what {@code change} makes of each parameter. */
    static Map<Parameter, NDArray> of(
            Map<Parameter, NDArray> arrays, NDManager own, BiFunction<Parameter, NDArray, NDArray> change) {
        Map<Parameter, NDArray> handles = new EnumMap<>(Parameter.class);
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            arrays.forEach((parameter, array) -> {
                NDArray handle = change.apply(parameter, array);
                NDScope.unregister(handle);
                handle.attach(own);
                handles.put(parameter, handle);
            });
        }
        return handles;
    }

    /** Returns what {@code change} makes of each parameter of each block. */
    static List<Map<Parameter, NDArray>> of(
            List<Map<Parameter, NDArray>> blocks, NDManager own, BiFunction<Parameter, NDArray, NDArray> change) {
        return blocks.stream().map(block -> of(block, own, change)).toList();
    }
}
