package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.forward.ChangedPatterns;
import dev.kausal.engine.gradients.RecordedPass;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Scope;
import dev.kausal.engine.tensor.Slices;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Scores of edges into queries and keys with the softmax computed again (the first fix of AtP*, Kramár et al. 2024): the
 * change of the pattern by one edge alone, times the gradient at the pattern. Everything up to the pattern is exact: the
 * norms that the edge passes, the projection and the softmax.
 *
 * <p>Patterns follow from the clean run alone, so their changes are computed once and serve several gradients.
 */
final class AttendedEdges implements AutoCloseable {
    /** Numbers in the patterns of the writers that are computed together. */
    private static final long TOGETHER = 1L << 23;

    private final EdgeGraph graph;
    private final ActivationCache activations;

    /** Changes of patterns by reader kind and layer, in parts of consecutive writers [writer, head * query * key]. */
    private final List<List<NDArray>> changes = new ArrayList<>();

    /**
     * Computes the changes of patterns.
     *
     * @param differences what writers of the corrupted run add to the stream in place of the clean one's [writer, position *
     *     d_model]
     * @param owner owner of the arrays
     */
    AttendedEdges(HookedModel model, EdgeGraph graph, RecordedPass pass, NDArray differences, NDManager owner) {
        this.graph = graph;
        Set<HookKind> kinds = ChangedPatterns.read(model.config()).stream().collect(Collectors.toSet());
        try (NDManager local = model.device().manager()) {
            this.activations =
                    pass.forward(point -> kinds.contains(point.kind()) || at(point), outputs -> {}, local, owner);
        }
        try {
            for (int layer = 0; layer < graph.layers(); layer++) {
                changes.add(of(model, layer, pass, differences, owner, true));
                changes.add(of(model, layer, pass, differences, owner, false));
            }
        } catch (RuntimeException e) {
            activations.close();
            throw e;
        }
    }

    /** Returns whether the gradient at a point is needed. */
    static boolean at(HookPoint point) {
        return point.kind() == HookKind.PATTERN;
    }

    private List<NDArray> of(
            HookedModel model, int layer, RecordedPass pass, NDArray differences, NDManager owner, boolean queries) {
        NDArray before = activations.get(HookKind.PATTERN.name(layer));
        int writers = graph.sources(graph.firstReader(Reader.Kind.QUERY, layer));
        int together = (int) Math.max(1, TOGETHER / before.size());
        List<NDArray> parts = new ArrayList<>();
        for (int from = 0; from < writers; from += together) {
            int to = Math.min(writers, from + together);
            try (Scope scope = model.device().scope()) {
                ChangedPatterns patterns = new ChangedPatterns(
                        model.transformer(), pass.inputs().get(0), activations::get, scope.manager());
                NDArray own = Slices.of(differences, 0, from, to)
                        .reshape(to - from, -1, model.config().dModel());
                NDArray change = patterns.of(layer, own, queries).sub(before).reshape(to - from, -1);
                parts.add(kept(change, owner));
            }
        }
        return parts;
    }

    private static NDArray kept(NDArray array, NDManager owner) {
        NDScope.unregister(array);
        array.attach(owner);
        return array;
    }

    /**
     * Writes the scores of edges into queries and keys.
     *
     * @param gradient at patterns [1, head, query, key] by name of the point
     * @param scores receives them, by the numbers of edges
     */
    void write(Function<String, NDArray> gradient, double[] scores) {
        for (int layer = 0; layer < graph.layers(); layer++) {
            NDArray slope = gradient.apply(HookKind.PATTERN.name(layer));
            write(Reader.Kind.QUERY, layer, changes.get(2 * layer), slope, scores);
            write(Reader.Kind.KEY, layer, changes.get(2 * layer + 1), slope, scores);
        }
    }

    /** Sums each head's change times gradient; a key-value head has those of its group. */
    private void write(Reader.Kind kind, int layer, List<NDArray> parts, NDArray slope, double[] scores) {
        int first = graph.firstReader(kind, layer);
        int readers = graph.readers(kind);
        NDList sums = new NDList();
        for (NDArray part : parts) {
            NDArray products = part.mul(slope.reshape(1, -1));
            sums.add(products.reshape(part.getShape().get(0), readers, -1).sum(new int[] {2}));
        }
        float[] all = (sums.size() == 1 ? sums.get(0) : NDArrays.concat(sums)).toFloatArray();
        for (int i = 0; i < all.length; i++) {
            scores[graph.edge(i / readers, first + i % readers)] = all[i];
        }
    }

    @Override
    public void close() {
        changes.forEach(parts -> parts.forEach(NDArray::close));
        activations.close();
    }
}
