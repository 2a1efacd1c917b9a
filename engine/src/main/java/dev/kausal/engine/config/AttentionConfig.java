package dev.kausal.engine.config;

import java.util.Collections;
import java.util.List;

/**
 * The attention variant, as data that the maths reads in place of the family's name.
 *
 * @param causal whether a query sees only its own and earlier positions
 * @param scale factor on products of queries and keys
 * @param softCap scores become cap · tanh(score / cap); 0 for none
 * @param windows by layer, number of positions that a query sees in each visible direction, its own included; 0 for all
 * @param rotary rotation by layer
 * @param headNorm norm of queries and keys before rotation
 * @param relative relative-position term added to scores
 */
public record AttentionConfig(
        boolean causal,
        double scale,
        double softCap,
        List<Integer> windows,
        List<RotaryConfig> rotary,
        HeadNorm headNorm,
        RelativePositionConfig relative) {
    /** The norm of queries and keys. */
    public enum HeadNorm {
        NONE,
        /** Of each head's vector separately. */
        EACH_HEAD,
        /** Of all heads' vectors as one row. */
        ALL_HEADS
    }

    public AttentionConfig {
        windows = List.copyOf(windows);
        rotary = List.copyOf(rotary);
    }

    private static AttentionConfig plain(int layers, int dHead, boolean causal) {
        return new AttentionConfig(
                causal,
                1 / Math.sqrt(dHead),
                0,
                Collections.nCopies(layers, 0),
                Collections.nCopies(layers, RotaryConfig.NONE),
                HeadNorm.NONE,
                RelativePositionConfig.NONE);
    }

    /** Returns scaled dot products under a causal mask, without rotation. */
    public static AttentionConfig causal(int layers, int dHead) {
        return plain(layers, dHead, true);
    }

    /** Returns scaled dot products of all positions with each other. */
    public static AttentionConfig full(int layers, int dHead) {
        return plain(layers, dHead, false);
    }

    public AttentionConfig withScale(double other) {
        return new AttentionConfig(causal, other, softCap, windows, rotary, headNorm, relative);
    }

    public AttentionConfig withSoftCap(double other) {
        return new AttentionConfig(causal, scale, other, windows, rotary, headNorm, relative);
    }

    public AttentionConfig withWindows(List<Integer> others) {
        return new AttentionConfig(causal, scale, softCap, others, rotary, headNorm, relative);
    }

    /** Returns a copy with the same window in every layer; 0 for none. */
    public AttentionConfig withWindow(int window) {
        return withWindows(Collections.nCopies(windows.size(), window));
    }

    public AttentionConfig withRotary(List<RotaryConfig> others) {
        return new AttentionConfig(causal, scale, softCap, windows, others, headNorm, relative);
    }

    /** Returns a copy with the same rotation in every layer. */
    public AttentionConfig withRotary(RotaryConfig other) {
        return withRotary(Collections.nCopies(rotary.size(), other));
    }

    public AttentionConfig withHeadNorm(HeadNorm other) {
        return new AttentionConfig(causal, scale, softCap, windows, rotary, other, relative);
    }

    public AttentionConfig withRelative(RelativePositionConfig other) {
        return new AttentionConfig(causal, scale, softCap, windows, rotary, headNorm, other);
    }

    /** Returns whether any layer rotates queries and keys. */
    public boolean rotates() {
        return rotary.stream().anyMatch(RotaryConfig::rotates);
    }
}
