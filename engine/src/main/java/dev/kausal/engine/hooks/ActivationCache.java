package dev.kausal.engine.hooks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Activations by hook name. It owns its arrays and frees them on {@link #close()}.
 *
 * <p>If a batch has sequences of several lengths, a point fires once per group of equal lengths: {@link #segments} has
 * one array for each.
 */
public final class ActivationCache implements AutoCloseable {
    private final NDManager manager;
    private final HookPoints points;
    private final Map<String, List<NDArray>> arrays = new LinkedHashMap<>();

    /** Creates an empty cache for a model with these points, closed with {@code parent} at the latest. */
    public ActivationCache(NDManager parent, HookPoints points) {
        this.manager = parent.newSubManager();
        this.points = points;
    }

    /** Adds an array at {@code point}. It shares the array's memory through a handle of its own. */
    public void store(NDArray activation, HookPoint point) {
        arrays.computeIfAbsent(point.name(), name -> new ArrayList<>(1)).add(Hooks.keep(activation, manager));
    }

    /** Returns the names captured so far, in the order of the pass. */
    public Set<String> names() {
        return Collections.unmodifiableSet(arrays.keySet());
    }

    /**
     * Returns the activation at {@code name} for a batch of sequences of one length.
     *
     * @return array with the axes of the point's kind; owned by this cache
     * @throws UnknownHookPointException if the model has no such point
     * @throws IllegalStateException if the point was not captured, or fired more than once
     */
    public NDArray get(String name) {
        List<NDArray> found = segments(name);
        if (found.size() != 1) {
            throw new IllegalStateException(name + " was captured " + found.size()
                    + " times; use segments() for batches of several lengths or several passes");
        }
        return found.get(0);
    }

    /** Returns the activations at {@code name}, one per run of equal lengths. */
    public List<NDArray> segments(String name) {
        points.named(name);
        List<NDArray> found = arrays.get(name);
        if (found == null) {
            throw new IllegalStateException(name + " was not captured; captured are " + arrays.keySet());
        }
        return Collections.unmodifiableList(found);
    }

    @Override
    public void close() {
        manager.close();
    }
}
