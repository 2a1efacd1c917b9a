package dev.kausal.engine.plan;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.family.Placement;
import dev.kausal.engine.hooks.Axis;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.tensor.Precision;

/**
 * Cost of a model's rows, in operations and bytes.
 *
 * @param config sizes of the model
 * @param placement where its weights are
 * @param precision of products with weights
 */
public record Sizes(ModelConfig config, Placement placement, Precision precision) {
    private static final long FLOAT = Float.BYTES;

    /** Creates the sizes of a model in float32 whose weights are all in memory. */
    public Sizes(ModelConfig config) {
        this(config, Placement.RESIDENT, Precision.FLOAT32);
    }

    /** Returns the number of layers. */
    public int layers() {
        return config.layers();
    }

    private long heads() {
        return (long) config.heads() * config.dHead();
    }

    private long keyValues() {
        return (long) config.keyValueHeads() * config.dHead();
    }

    /** Returns the number of weights in one layer's matrices. */
    public long layerWeights() {
        long attention = 2 * heads() + 2 * keyValues();
        long mlp = (config.block().gatedMlp() ? 3L : 2L) * config.dMlp();
        return config.dModel() * (attention + mlp);
    }

    /** Returns the bytes of W_Q, W_K and W_V of all layers. */
    public long projectionBytes() {
        return (long) precision.bytes() * config.layers() * config.dModel() * (heads() + 2 * keyValues());
    }

    /** Returns the bytes of all weights: tables in float32, layers in the precision of products. */
    public long weightBytes() {
        return FLOAT * tableWeights() * (config.tiedUnembedding() ? 1 : 2)
                + layerBytes() * config.layers()
                + (precision == Precision.FLOAT32 ? 0 : FLOAT * largestMatrix());
    }

    /**
     * Returns the bytes of the weights that are in memory at once: of a streamed model the unembedding, the layers that
     * it holds or passes, and what decoding copies: the two largest matrices, or a layer that is decoded to float32 and
     * then rounded.
     */
    public long heldBytes() {
        if (!placement.streamed()) {
            return weightBytes();
        }
        long layers = Math.min(config.layers(), placement.held() + Placement.WINDOW);
        long copied = precision == Precision.FLOAT32 ? 0 : layerWeights();
        return FLOAT * (tableWeights() + copied + 2 * largestMatrix()) + layers * layerBytes();
    }

    private long largestMatrix() {
        return (long) config.dModel() * Math.max(config.dMlp(), heads() + 2 * keyValues());
    }

    /** Returns the bytes of one layer's weights in the precision of products. */
    public long layerBytes() {
        return precision.bytes() * layerWeights();
    }

    private long tableWeights() {
        return (long) config.vocabulary() * config.dModel();
    }

    /** Returns the floating-point operations of one row in one layer, for a prompt of {@code length}. */
    public double rowFlops(int length) {
        return 2.0 * layerWeights() + 4.0 * heads() * length * (1 + terms());
    }

    /** Returns the number of distance products per position; a prompt has twice as many distances as positions. */
    private int terms() {
        return config.attention().relative().terms();
    }

    /** Returns the values per key of one row's scores, relative-position terms included. */
    private long scored() {
        int biases = config.attention().relative().hasBiases() ? 1 : 0;
        return config.heads() * (3L + 3L * terms() + biases);
    }

    /** Returns the floating-point operations to unembed {@code tokens} of one row. */
    public double unembedFlops(long tokens) {
        return 2.0 * config.dModel() * tokens;
    }

    /** Returns the bytes of one row of a wavefront during a layer, temporaries included. */
    public long rowBytes(int length) {
        long stream = 8L * config.dModel();
        long attention = 4 * heads() + 3 * keyValues() + scored() * length;
        long mlp = 3L * config.dMlp();
        return FLOAT * (stream + attention + mlp);
    }

    /**
     * Returns the bytes that a recording keeps of one row in one layer.
     *
     * @param scores whether scores of attention are kept, rather than computed block by block
     */
    public long recordedBytes(int length, boolean scores) {
        long attention = FLOAT * scored() * length;
        long kept = (rowBytes(length) - attention) * 5 / 4; // Measured: 1.0 to 1.2.
        return scores ? kept + 2 * attention : kept;
    }

    /** Returns the bytes of a base run's streams, keys and values in all layers. */
    public long baseBytes(int length) {
        long perLayer = config.dModel() + 2 * keyValues();
        return FLOAT * length * (perLayer * config.layers() + config.dModel());
    }

    /** Returns the bytes of a point's activations in one run of {@code length} positions. */
    public long siteBytes(HookPoint point, int length) {
        long numbers = 1;
        for (Axis axis : point.axes()) {
            numbers *= axis.size(config, length);
        }
        return FLOAT * numbers;
    }
}
