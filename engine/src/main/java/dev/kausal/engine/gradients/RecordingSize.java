package dev.kausal.engine.gradients;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.forward.ForwardPass;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.plan.Sizes;
import dev.kausal.engine.tensor.Tuning;

/**
 * Bytes that a pass keeps for its backward pass, weights apart.
 *
 * @param sizes sizes of the model
 * @param rules how gradients flow back
 */
public record RecordingSize(Sizes sizes, Tuning tuning, Linearisation rules) {
    /** Returns the bytes that recording one layer of a prompt of {@code length} tokens keeps. */
    private long layer(int length) {
        ModelConfig config = sizes.config();
        return length * sizes.recordedBytes(length, ForwardPass.keepsScores(config, tuning, rules, length));
    }

    /** Returns the bytes that recording all layers of a prompt of {@code length} tokens keeps. */
    long whole(int length) {
        return sizes.layers() * layer(length);
    }

    /**
     * Returns whether recordings of together {@code bytes} are made layer by layer: the backward pass then computes each
     * layer again, so that one layer's weights and activations are held at a time.
     */
    boolean layerByLayer(long bytes) {
        return bytes > tuning.recordedBytes();
    }

    /** Returns the most bytes that a pass of {@code inputs} prompts of {@code length} tokens keeps. */
    public long peak(int length, int inputs) {
        long all = inputs * whole(length);
        return layerByLayer(all) ? inputs * (layer(length) + sizes.baseBytes(length)) : all;
    }
}
