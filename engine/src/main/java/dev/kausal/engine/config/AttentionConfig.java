package dev.kausal.engine.config;

import java.util.Collections;
import java.util.List;

/**
 * The variant of attention: what its maths reads instead of the family's name.
 *
 * @param causal whether a query sees its own position and earlier ones only, or all
 * @param scale what products of queries and keys are multiplied by
 * @param softCap scores become cap · tanh(score / cap); 0 for none
 * @param windows by layer, how many positions a query sees, its own included, to each side that it sees; 0 for all
 * @param rotary by layer
 * @param headNorm which norm queries and keys pass before they turn
 * @param relative what scores have added for where query and key stand
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
        /** Of each head's vector alone. */
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

    /** Scaled dot products under a causal mask, no rotation. */
    public static AttentionConfig causal(int layers, int dHead) {
        return plain(layers, dHead, true);
    }

    /** Scaled dot products of every position with every position. */
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

    /** The same window in every layer; 0 for none. */
    public AttentionConfig withWindow(int window) {
        return withWindows(Collections.nCopies(windows.size(), window));
    }

    public AttentionConfig withRotary(List<RotaryConfig> others) {
        return new AttentionConfig(causal, scale, softCap, windows, others, headNorm, relative);
    }

    /** The same rotation in every layer. */
    public AttentionConfig withRotary(RotaryConfig other) {
        return withRotary(Collections.nCopies(rotary.size(), other));
    }

    public AttentionConfig withHeadNorm(HeadNorm other) {
        return new AttentionConfig(causal, scale, softCap, windows, rotary, other, relative);
    }

    public AttentionConfig withRelative(RelativePositionConfig other) {
        return new AttentionConfig(causal, scale, softCap, windows, rotary, headNorm, other);
    }

    /** Whether any layer turns queries and keys. */
    public boolean rotates() {
        return rotary.stream().anyMatch(RotaryConfig::rotates);
    }
}
