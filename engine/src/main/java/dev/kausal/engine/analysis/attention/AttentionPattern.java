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
 * @param layers the layers that were read, ascending
 * @param weights {@code hook_pattern} [layer][head][query][key]; each row over keys sums to 1
 */
public record AttentionPattern(List<Integer> layers, float[][][][] weights) {
    public AttentionPattern {
        layers = List.copyOf(layers);
        if (layers.size() != weights.length) {
            throw new IllegalArgumentException(layers.size() + " layers are named, " + weights.length + " given");
        }
    }

    /** Every layer's pattern of one input, without edits. */
    public static AttentionPattern of(HookedModel model, Input input) {
        return of(model, input, new Hooks(model.points()), all(model));
    }

    /**
     * Some layers' patterns of one input.
     *
     * @param hooks edits under which to run, or an empty set; reading hooks are added to it while it runs
     * @param layers ascending
     */
    public static AttentionPattern of(HookedModel model, Input input, Hooks hooks, List<Integer> layers) {
        if (layers.isEmpty()) {
            throw new AttentionRangeException("Attention of no layer was asked for; name one or more layers.");
        }
        layers.forEach(layer ->
                AttentionRangeException.check("Layer", layer, model.config().layers()));
        return new AttentionPattern(layers, read(model, input, hooks, layers, HookKind.PATTERN));
    }

    static List<Integer> all(HookedModel model) {
        return IntStream.range(0, model.config().layers()).boxed().toList();
    }

    /** What a pass shows at a kind of point with the axes [1, head, query, key]: [layer][head][query][key]. */
    static float[][][][] read(HookedModel model, Input input, Hooks hooks, List<Integer> layers, HookKind kind) {
        float[][][][] found = new float[layers.size()][][][];
        try (NDManager local = model.device().manager();
                HookHandle reading = hooks.read(
                        point -> point.kind() == kind && layers.contains(point.layer()),
                        (activation, point) -> found[place(layers, point)] = nested(activation))) {
            model.outputsAt(input, input.length() - 1, hooks, local);
            if (reading.fired() != layers.size()) {
                throw new IllegalStateException(reading.fired() + " of " + layers.size() + " patterns were reached");
            }
        }
        return found;
    }

    private static int place(List<Integer> layers, HookPoint point) {
        return layers.indexOf(point.layer());
    }

    /** [1, head, query, key] as Java arrays [head][query][key]. */
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

    /** Heads in a layer. */
    public int heads() {
        return weights[0].length;
    }

    /** Positions of the run. */
    public int length() {
        return weights[0][0].length;
    }

    /**
     * The place of a layer in {@link #weights()}.
     *
     * @param layer its number, or counted from the end: −1 is the last that was read
     * @throws AttentionRangeException where it was not read
     */
    public int place(int layer) {
        int place = layer < 0 ? layers.size() + layer : layers.indexOf(layer);
        if (place < 0) {
            throw new AttentionRangeException(
                    "Layer " + layer + " was asked for, but the layers " + layers + " were read.");
        }
        return place;
    }

    /** The heads of each layer as one pattern [layer][query][key]. */
    public double[][][] fused(HeadFusion fusion) {
        return IntStream.range(0, weights.length)
                .mapToObj(layer -> fusion.fuse(weights[layer]))
                .toArray(double[][][]::new);
    }

    /**
     * Where each head looks from one position: [layer][head][key].
     *
     * @throws AttentionRangeException where there is no such position
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
     * The part of its attention that each head gives to some keys, mean over queries: [layer][head]. Of [SEP], for
     * example, on which many heads of BERT rest (Clark et al. 2019).
     *
     * @throws AttentionRangeException where there is no such position
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
     * Checks that the layers follow each other, as what multiplies them needs.
     *
     * @throws AttentionRangeException where one is left out
     */
    void requireConsecutive(String measure) {
        for (int i = 1; i < layers.size(); i++) {
            if (layers.get(i) != layers.get(i - 1) + 1) {
                throw new AttentionRangeException(measure + " goes from layer to layer, but of the layers " + layers
                        + " not every one follows the one before it. Read them all.");
            }
        }
    }
}
