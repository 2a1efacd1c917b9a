package dev.kausal.engine.circuits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.ModelConfig;
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
 * <p>Patterns follow from the clean run alone. If several gradients are to come, their changes are kept in memory.
 */
final class AttendedEdges implements AutoCloseable {
    /** Numbers in the patterns of the writers that are computed together. */
    private static final long TOGETHER = 1L << 23;

    /** Arrays as large as the streams, and as the patterns, of these writers that exist at once. */
    private static final long STREAMS = 6;

    private static final long PATTERNS = 6;

    private final HookedModel model;
    private final EdgeGraph graph;
    private final RecordedPass pass;
    private final NDArray differences;
    private final NDManager owner;
    private final boolean keeps;
    private final ActivationCache activations;

    /** Kept changes of patterns by layer and kind of reader, in parts of consecutive writers [writer, head * query * key]. */
    private final List<List<NDArray>> changes = new ArrayList<>();

    /**
     * Runs the clean input.
     *
     * @param differences what writers of the corrupted run add to the stream in place of the clean one's [writer, position *
     *     d_model]
     * @param owner owner of the arrays
     * @param keeps whether changes of patterns are kept from the first gradient on
     */
    AttendedEdges(
            HookedModel model,
            EdgeGraph graph,
            RecordedPass pass,
            NDArray differences,
            NDManager owner,
            boolean keeps) {
        this.model = model;
        this.graph = graph;
        this.pass = pass;
        this.differences = differences;
        this.owner = owner;
        this.keeps = keeps;
        Set<HookKind> kinds = ChangedPatterns.read(model.config()).stream().collect(Collectors.toSet());
        try (NDManager local = model.device().manager()) {
            this.activations =
                    pass.forward(point -> kinds.contains(point.kind()) || at(point), outputs -> {}, local, owner);
        }
    }

    /** Returns the bytes of the arrays of writers that are computed together, in inputs of {@code length}. */
    static long workingBytes(ModelConfig config, int length, long writers) {
        long pattern = (long) config.heads() * length * length;
        long together = Math.min(writers, Math.max(1, TOGETHER / pattern));
        return Float.BYTES * together * (STREAMS * length * config.dModel() + PATTERNS * pattern);
    }

    /** Returns whether the gradient at a point is needed. */
    static boolean at(HookPoint point) {
        return point.kind() == HookKind.PATTERN;
    }

    /** Changes of patterns by writers from one number on [writer, head * query * key]. */
    private interface Part {
        void of(int from, NDArray change);
    }

    /** Computes the changes of the patterns of a layer, some writers at a time. */
    private void each(Reader.Kind kind, int layer, Part part) {
        NDArray before = activations.get(HookKind.PATTERN.name(layer));
        int writers = graph.sources(graph.firstReader(Reader.Kind.QUERY, layer));
        int together = (int) Math.max(1, TOGETHER / before.size());
        for (int from = 0; from < writers; from += together) {
            int to = Math.min(writers, from + together);
            try (Scope scope = model.device().scope()) {
                ChangedPatterns patterns = new ChangedPatterns(
                        model.transformer(), pass.inputs().get(0), activations::get, scope.manager());
                NDArray own = Slices.of(differences, 0, from, to)
                        .reshape(to - from, -1, model.config().dModel());
                NDArray changed = patterns.of(layer, own, kind == Reader.Kind.QUERY);
                part.of(from, changed.sub(before).reshape(to - from, -1));
            }
        }
    }

    private NDArray kept(NDArray array) {
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
            write(Reader.Kind.QUERY, layer, slope, scores);
            write(Reader.Kind.KEY, layer, slope, scores);
        }
    }

    private void write(Reader.Kind kind, int layer, NDArray slope, double[] scores) {
        if (!keeps) {
            each(kind, layer, (from, change) -> write(kind, layer, from, change, slope, scores));
            return;
        }
        int place = 2 * layer + (kind == Reader.Kind.QUERY ? 0 : 1);
        if (changes.size() == place) {
            List<NDArray> parts = new ArrayList<>();
            changes.add(parts);
            each(kind, layer, (from, change) -> parts.add(kept(change)));
        }
        int from = 0;
        for (NDArray part : changes.get(place)) {
            write(kind, layer, from, part, slope, scores);
            from += (int) part.getShape().get(0);
        }
    }

    /** Sums each head's change times gradient; a key-value head has those of its group. */
    private void write(Reader.Kind kind, int layer, int from, NDArray change, NDArray slope, double[] scores) {
        int first = graph.firstReader(kind, layer);
        int readers = graph.readers(kind);
        NDArray products = change.mul(slope.reshape(1, -1));
        float[] sums = products.reshape(change.getShape().get(0), readers, -1)
                .sum(new int[] {2})
                .toFloatArray();
        for (int i = 0; i < sums.length; i++) {
            scores[graph.edge(from + i / readers, first + i % readers)] = sums[i];
        }
    }

    @Override
    public void close() {
        changes.forEach(parts -> parts.forEach(NDArray::close));
        activations.close();
    }
}
