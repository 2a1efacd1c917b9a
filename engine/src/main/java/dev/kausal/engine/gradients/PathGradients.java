package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.HookPoints;
import java.util.List;
import java.util.function.Predicate;

/**
 * Gradients of one number with respect to activations, averaged over an {@link EmbeddingPath}: with the embeddings of
 * each point put in place of the inputs' own, everything after is computed as usual (integrated gradients of inputs,
 * Hanna et al. 2024). The number itself at the inputs' own embeddings, the end of the path, is not computed.
 *
 * <p>It owns its arrays and frees them on {@link #close()}.
 */
public final class PathGradients implements AutoCloseable {
    private final ActivationCache means;
    private final HookPoints points;
    private final int steps;

    private PathGradients(HookPoints points, NDManager parent, int steps) {
        this.means = new ActivationCache(parent, points);
        this.points = points;
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
        PathGradients found = new PathGradients(pass.model().points(), manager, path.steps());
        try {
            for (int k = 0; k < path.steps(); k++) {
                HookHandle handle = path.replace(pass.hooks(), k, k + 1);
                try (Gradients gradients = Gradients.of(pass, which, manager)) {
                    found.add(gradients.gradients());
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

    private void add(ActivationCache gradients) {
        boolean first = means.names().isEmpty();
        for (String name : gradients.names()) {
            List<NDArray> segments = gradients.segments(name);
            for (int i = 0; i < segments.size(); i++) {
                if (first) {
                    try (NDArray copy = segments.get(i).duplicate()) {
                        means.store(copy, points.named(name));
                    }
                } else {
                    means.segments(name).get(i).addi(segments.get(i));
                }
            }
        }
    }

    private void divide() {
        means.names().forEach(name -> means.segments(name).forEach(sum -> sum.divi((float) steps)));
    }

    /**
     * Returns the mean gradients at {@code name}, one array per run of inputs of equal lengths.
     *
     * @return each shaped as the activation; owned by this object
     * @throws IllegalStateException if no gradient was taken there
     */
    public List<NDArray> segments(String name) {
        return means.segments(name);
    }

    /**
     * Returns the mean gradient at {@code name} if all inputs are of one length.
     *
     * @return shaped as the activation; owned by this object
     * @throws IllegalStateException if no gradient was taken there, or inputs have several lengths
     */
    public NDArray get(String name) {
        return means.get(name);
    }

    @Override
    public void close() {
        means.close();
    }
}
