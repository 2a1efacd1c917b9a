package dev.kausal.engine.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** A model's parameters, shapes as in {@link Parameter}; null where the family has none. Owner of their memory. */
public final class Weights implements AutoCloseable {
    private final NDManager manager;
    private final Map<Parameter, NDArray> ends;
    private final List<LayerWeights> layers;

    Weights(NDManager manager, Map<Parameter, NDArray> ends, List<LayerWeights> layers) {
        this.manager = manager;
        this.ends = new EnumMap<>(ends);
        this.layers = List.copyOf(layers);
    }

    /** Owns every array. */
    public NDManager manager() {
        return manager;
    }

    /** A parameter outside the blocks, or null. */
    public NDArray get(Parameter parameter) {
        return ends.get(parameter);
    }

    /** One per block. */
    public List<LayerWeights> layers() {
        return layers;
    }

    /** W_E. */
    public NDArray embed() {
        return get(Parameter.EMBED);
    }

    /** W_pos, null under rotary positions. */
    public NDArray positionEmbed() {
        return get(Parameter.POSITION_EMBED);
    }

    /** Gain of the last norm. */
    public NDArray finalGain() {
        return get(Parameter.FINAL_GAIN);
    }

    /** Bias of the last norm, or null. */
    public NDArray finalBias() {
        return get(Parameter.FINAL_BIAS);
    }

    /** W_U, or the classifier's weight; a view of {@link #embed()} where tied. */
    public NDArray unembed() {
        return get(Parameter.UNEMBED);
    }

    /** b_U, or null. */
    public NDArray unembedBias() {
        return get(Parameter.UNEMBED_BIAS);
    }

    @Override
    public void close() {
        manager.close();
    }
}
