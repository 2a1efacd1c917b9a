package dev.kausal.engine.analysis.attention;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The attention of one run, as Java arrays.
 *
 * @param layers layers read, ascending
 * @param weights {@code hook_pattern} [layer][head][query][key]; each row over keys sums to 1
 */
public record AttentionPattern(List<Integer> layers, float[][][][] weights) {
    public AttentionPattern {
        layers = List.copyOf(layers);
        if (layers.size() != weights.length) {
            throw new IllegalArgumentException(
                    layers.size() + " layers named, but " + weights.length + " patterns given");
        }
    }

    /** Reads every layer's pattern of one input, without edits. */
    public static AttentionPattern of(HookedModel model, Input input) {
        return of(model, input, new Hooks(model.points()), all(model));
    }

    /**
     * Reads some layers' patterns of one input.
     *
     * @param hooks edits to run under, or an empty set; reading hooks are added during the run
     * @param layers ascending
     */
    public static AttentionPattern of(HookedModel model, Input input, Hooks hooks, List<Integer> layers) {
        if (layers.isEmpty()) {
            throw new AttentionRangeException("An attention pattern needs at least one layer, but none was named.");
        }
        layers.forEach(layer ->
                AttentionRangeException.check("Layer", layer, model.config().layers()));
        return new AttentionPattern(layers, read(model, input, hooks, layers, HookKind.PATTERN));
    }

    static List<Integer> all(HookedModel model) {
        return IntStream.range(0, model.config().layers()).boxed().toList();
    }

    /** Reads a kind of point with the axes [1, head, query, key] as [layer][head][query][key]. */
    static float[][][][] read(HookedModel model, Input input, Hooks hooks, List<Integer> layers, HookKind kind) {
        float[][][][] found = new float[layers.size()][][][];
        try (NDManager local = model.device().manager();
                HookHandle reading = hooks.read(
                        point -> point.kind() == kind && layers.contains(point.layer()),
                        (activation, point) -> found[place(layers, point)] = nested(activation))) {
            model.outputsAt(input, input.length() - 1, hooks, local);
            if (reading.fired() != layers.size()) {
                throw new IllegalStateException(reading.fired() + " of " + layers.size() + " patterns fired");
            }
        }
        return found;
    }

    private static int place(List<Integer> layers, HookPoint point) {
        return layers.indexOf(point.layer());
    }

    /** Converts [1, head, query, key] to Java arrays [head][query][key]. */
    static float[][][] nested(NDArray pattern) {
        long[] shape = pattern.getShape().getShape();
        int heads = (int) shape[1];
        int queries = (int) shape[2];
        int keys = (int) shape[3];
        float[] flat = pattern.toFloatArray();
        float[][][] nested = new float[heads][queries][keys];
        for (int row = 0; row < heads * queries; row++) {
            System.arraycopy(flat, row * keys, nested[row / queries][row % queries], 0, keys);
        }
        return nested;
    }

    /** Returns the number of heads per layer. */
    public int heads() {
        return weights[0].length;
    }

    /** Returns the number of positions. */
    public int length() {
        return weights[0][0].length;
    }

    /**
     * Returns the index of a layer in {@link #weights()}.
     *
     * @param layer layer number, or counted from the end: −1 is the last one read
     * @throws AttentionRangeException if it was not read
     */
    public int place(int layer) {
        int place = layer < 0 ? layers.size() + layer : layers.indexOf(layer);
        if (place < 0) {
            throw new AttentionRangeException("Layer " + layer + " was not read; layers read: " + layers + ".");
        }
        return place;
    }

    /** Fuses the heads of each layer into one pattern [layer][query][key]. */
    public double[][][] fused(HeadFusion fusion) {
        return IntStream.range(0, weights.length)
                .mapToObj(layer -> fusion.fuse(weights[layer]))
                .toArray(double[][][]::new);
    }

    /**
     * Returns each head's attention from one position: [layer][head][key].
     *
     * @throws AttentionRangeException if there is no such position
     */
    public double[][][] from(int query) {
        AttentionRangeException.check("Position", query, length());
        double[][][] maps = new double[weights.length][heads()][length()];
        for (int layer = 0; layer < maps.length; layer++) {
            for (int head = 0; head < maps[layer].length; head++) {
                for (int key = 0; key < length(); key++) {
                    maps[layer][head][key] = weights[layer][head][query][key];
                }
            }
        }
        return maps;
    }

    /**
     * Returns the share of each head's attention that goes to some keys, mean over queries: [layer][head]. Example:
     * [SEP], on which many heads of BERT rest (Clark et al. 2019).
     *
     * @throws AttentionRangeException if there is no such position
     */
    public double[][] share(int... keys) {
        for (int key : keys) {
            AttentionRangeException.check("Position", key, length());
        }
        double[][] share = new double[weights.length][heads()];
        for (int layer = 0; layer < share.length; layer++) {
            for (int head = 0; head < share[layer].length; head++) {
                for (float[] row : weights[layer][head]) {
                    for (int key : keys) {
                        share[layer][head] += row[key];
                    }
                }
                share[layer][head] /= length();
            }
        }
        return share;
    }

    /**
     * Checks that the layers are consecutive, as measures that multiply them require.
     *
     * @throws AttentionRangeException if a layer is missing
     */
    void requireConsecutive(String measure) {
        for (int i = 1; i < layers.size(); i++) {
            if (layers.get(i) != layers.get(i - 1) + 1) {
                throw new AttentionRangeException(measure + " needs consecutive layers, but layers " + layers
                        + " were read. Read every layer from the first to the last.");
            }
        }
    }
}
