package dev.kausal.engine.plan;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.hooks.Axis;
import dev.kausal.engine.hooks.HookPoint;

/**
 * What rows of a model cost, in operations and bytes.
 *
 * @param config its sizes
 */
public record Sizes(ModelConfig config) {
    private static final long FLOAT = Float.BYTES;

    /** Number of layers. */
    public int layers() {
        return config.layers();
    }

    private long heads() {
        return (long) config.heads() * config.dHead();
    }

    private long keyValues() {
        return (long) config.keyValueHeads() * config.dHead();
    }

    /** Weights of one layer's matrices. */
    public long layerWeights() {
        long attention = 2 * heads() + 2 * keyValues();
        long mlp = (config.block().gatedMlp() ? 3L : 2L) * config.dMlp();
        return config.dModel() * (attention + mlp);
    }

    /** Bytes of all weights in float32. */
    public long weightBytes() {
        long tables = (long) config.vocabulary() * config.dModel() * (config.tiedUnembedding() ? 1 : 2);
        return FLOAT * (tables + layerWeights() * config.layers());
    }

    /** Floating-point operations of one row in one layer of a prompt of {@code length}. */
    public double rowFlops(int length) {
        return 2.0 * layerWeights() + 4.0 * heads() * length * (1 + terms());
    }

    /** Products with distances that scores have added; a prompt has twice as many distances as positions. */
    private int terms() {
        return config.attention().relative().terms();
    }

    /** Numbers that one row's scores, and what they have added, take for each key. */
    private long scored() {
        int biases = config.attention().relative().hasBiases() ? 1 : 0;
        return config.heads() * (3L + 3L * terms() + biases);
    }

    /** Floating-point operations that unembed {@code tokens} of one row. */
    public double unembedFlops(long tokens) {
        return 2.0 * config.dModel() * tokens;
    }

    /** Bytes that one row of a wave takes while it passes a layer, temporaries included. */
    public long rowBytes(int length) {
        long stream = 8L * config.dModel();
        long attention = 4 * heads() + 3 * keyValues() + scored() * length;
        long mlp = 3L * config.dMlp();
        return FLOAT * (stream + attention + mlp);
    }

    /** Bytes that a base run's streams, keys and values take, all layers. */
    public long baseBytes(int length) {
        long perLayer = config.dModel() + 2 * keyValues();
        return FLOAT * length * (perLayer * config.layers() + config.dModel());
    }

    /** Bytes of a point's activations in one run of {@code length} positions. */
    public long siteBytes(HookPoint point, int length) {
        long numbers = 1;
        for (Axis axis : point.axes()) {
            numbers *= axis.size(config, length);
        }
        return FLOAT * numbers;
    }
}
