package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookPoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Gradients of one number with respect to activations, averaged over an {@link EmbeddingPath}: with the embeddings of
 * each point put in place of the inputs' own, everything after is computed as usual (integrated gradients of inputs,
 * Hanna et al. 2024). The number itself at the inputs' own embeddings, the end of the path, is not computed.
 *
 * <p>It owns its arrays and frees them on {@link #close()}.
 */
public final class PathGradients implements AutoCloseable {
    private final NDManager manager;
    private final int steps;
    private final Map<String, List<NDArray>> means = new LinkedHashMap<>();

    private PathGradients(NDManager manager, int steps) {
        this.manager = manager;
        this.steps = steps;
    }

    /**
     * Runs a pass forward and backward once per point of the path.
     *
     * @param path has one line per input of the pass
     * @param which points whose gradients are kept
     * @param manager closes the result at the latest
     * @throws ObjectiveException if there is nothing to take the gradient of, or no point to take it at
     */
    public static PathGradients of(
            RecordedPass pass, EmbeddingPath path, Predicate<HookPoint> which, NDManager manager) {
        if (path.to().size() != pass.inputs().size()) {
            throw new IllegalArgumentException(
                    path.to().size() + " paths for " + pass.inputs().size() + " inputs");
        }
        PathGradients found = new PathGradients(manager.newSubManager(), path.steps());
        try {
            for (int k = 0; k < path.steps(); k++) {
                HookHandle handle = pass.hooks().replace(EmbeddingPath::at, path.point(k));
                try (Gradients gradients = Gradients.of(pass, which, manager)) {
                    found.add(gradients);
                } finally {
                    handle.close();
                }
            }
            found.divide();
            return found;
        } catch (RuntimeException e) {
            found.close();
            throw e;
        }
    }

    private void add(Gradients gradients) {
        for (String name : gradients.gradients().names()) {
            List<NDArray> segments = gradients.gradients().segments(name);
            List<NDArray> sums = means.computeIfAbsent(name, key -> new ArrayList<>(1));
            for (int i = 0; i < segments.size(); i++) {
                if (i < sums.size()) {
                    sums.get(i).addi(segments.get(i));
                } else {
                    NDArray sum = segments.get(i).duplicate();
                    NDScope.unregister(sum);
                    sum.attach(manager);
                    sums.add(sum);
                }
            }
        }
    }

    private void divide() {
        means.values().forEach(segments -> segments.forEach(sum -> sum.divi((float) steps)));
    }

    /**
     * Returns the mean gradients at {@code name}, shaped as the activations, one array per run of inputs of equal
     * lengths; owned by this object.
     */
    public List<NDArray> segments(String name) {
        List<NDArray> found = means.get(name);
        if (found == null) {
            throw new IllegalStateException("no gradients at " + name + "; they were taken at " + means.keySet());
        }
        return List.copyOf(found);
    }

    /** Returns the mean gradient at {@code name} if all inputs are of one length. */
    public NDArray get(String name) {
        List<NDArray> found = segments(name);
        if (found.size() != 1) {
            throw new IllegalStateException(name + " has " + found.size() + " arrays, of several lengths: segments()");
        }
        return found.get(0);
    }

    @Override
    public void close() {
        manager.close();
    }
}
