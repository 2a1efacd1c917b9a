package dev.kausal.engine.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;

/**
 * A model's parameters, shapes as in {@link Parameter}; null where the family has none. Owner of their memory.
 *
 * @param manager owns every array
 * @param embed W_E
 * @param positionEmbed W_pos, null under rotary positions
 * @param layers one per block
 * @param finalGain gain of the last norm
 * @param finalBias bias of the last norm, or null
 * @param unembed W_U; a view of {@code embed} where tied
 * @param unembedBias b_U, or null
 */
public record Weights(
        NDManager manager,
        NDArray embed,
        NDArray positionEmbed,
        List<LayerWeights> layers,
        NDArray finalGain,
        NDArray finalBias,
        NDArray unembed,
        NDArray unembedBias)
        implements AutoCloseable {
    @Override
    public void close() {
        manager.close();
    }
}
