package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.graph.Port;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Scope;
import java.util.ArrayList;
import java.util.List;

/**
 * The straight lines from other runs' input embeddings to those of the inputs of a batch, in equal steps.
 *
 * @param from embedding of each input's other run [1, position, d_embed]; not owned
 * @param to embedding of each input's own run, of the same shape; not owned
 * @param steps number of points: the k-th is {@code from + k / steps * (to - from)}, for k from 0 to steps − 1
 */
public record EmbeddingPath(List<NDArray> from, List<NDArray> to, int steps) {
    /** Name of the point where the embeddings of a path are put in place. */
    public static final String SITE = HookKind.EMBED.name(Port.NO_LAYER);

    public EmbeddingPath {
        from = List.copyOf(from);
        to = List.copyOf(to);
        if (steps < 1) {
            throw new IllegalArgumentException("a path needs at least one step, not " + steps);
        }
        if (from.size() != to.size()) {
            throw new IllegalArgumentException(from.size() + " starts of paths, but " + to.size() + " ends");
        }
        for (int i = 0; i < from.size(); i++) {
            if (!from.get(i).getShape().equals(to.get(i).getShape())) {
                throw ObjectiveException.pathBetweenLengths(
                        from.get(i).getShape().get(1), to.get(i).getShape().get(1));
            }
        }
    }

    /** Returns whether the embeddings of a path are put in place at this point. */
    static boolean at(HookPoint point) {
        return point.kind() == HookKind.EMBED;
    }

    /**
     * Returns the paths from each of {@code others} to the input of the same place.
     *
     * @param manager owns the embeddings
     */
    public static EmbeddingPath between(
            HookedModel model, List<Input> others, List<Input> inputs, int steps, NDManager manager) {
        return new EmbeddingPath(embeddings(model, others, manager), embeddings(model, inputs, manager), steps);
    }

    private static List<NDArray> embeddings(HookedModel model, List<Input> inputs, NDManager manager) {
        List<NDArray> found = new ArrayList<>();
        for (Input input : inputs) {
            try (Scope scope = model.device().scope()) {
                Hooks hooks = new Hooks(model.points());
                ActivationCache cache = hooks.capture(EmbeddingPath::at, manager);
                model.outputsAt(input, input.length() - 1, hooks, scope.manager());
                found.add(cache.get(SITE));
            }
        }
        return found;
    }

    /**
     * Puts points of the path in place of a batch's embeddings. The batch has all inputs, in order, at point {@code first},
     * then all at the next, and so on to {@code last} (exclusive).
     */
    public HookHandle replace(Hooks hooks, int first, int last) {
        int[] next = {0};
        int size = to.size() * (last - first);
        return hooks.replace(EmbeddingPath::at, (activation, at) -> {
            NDList rows = new NDList();
            for (long i = 0; i < activation.getShape().get(0); i++) {
                rows.add(point(next[0] % to.size(), first + next[0] / to.size()));
                next[0] = (next[0] + 1) % size;
            }
            return rows.size() == 1 ? rows.get(0) : NDArrays.concat(rows);
        });
    }

    private NDArray point(int input, int k) {
        NDArray start = from.get(input);
        return k == 0 ? start : start.add(to.get(input).sub(start).mul((float) k / steps));
    }
}
