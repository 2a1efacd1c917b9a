package dev.kausal.engine.model;

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
public record AttentionShape(
        boolean causal,
        double scale,
        double softCap,
        List<Integer> windows,
        List<RotaryShape> rotary,
        HeadNorm headNorm,
        RelativeShape relative) {
    /** The norm of queries and keys. */
    public enum HeadNorm {
        NONE,
        /** Of each head's vector by itself. */
        EACH_HEAD,
        /** Of all heads' vectors as one row. */
        ALL_HEADS
    }

    public AttentionShape {
        windows = List.copyOf(windows);
        rotary = List.copyOf(rotary);
    }

    private static AttentionShape plain(int layers, int dHead, boolean causal) {
        return new AttentionShape(
                causal,
                1 / Math.sqrt(dHead),
                0,
                Collections.nCopies(layers, 0),
                Collections.nCopies(layers, RotaryShape.NONE),
                HeadNorm.NONE,
                RelativeShape.NONE);
    }

    /** Scaled dot products under a causal mask, no rotation. */
    static AttentionShape causal(int layers, int dHead) {
        return plain(layers, dHead, true);
    }

    /** Scaled dot products of every position with every position. */
    static AttentionShape full(int layers, int dHead) {
        return plain(layers, dHead, false);
    }

    AttentionShape withScale(double other) {
        return new AttentionShape(causal, other, softCap, windows, rotary, headNorm, relative);
    }

    AttentionShape withSoftCap(double other) {
        return new AttentionShape(causal, scale, other, windows, rotary, headNorm, relative);
    }

    AttentionShape withWindows(List<Integer> others) {
        return new AttentionShape(causal, scale, softCap, others, rotary, headNorm, relative);
    }

    /** The same window in every layer; 0 for none. */
    AttentionShape withWindow(int window) {
        return withWindows(Collections.nCopies(windows.size(), window));
    }

    AttentionShape withRotary(List<RotaryShape> others) {
        return new AttentionShape(causal, scale, softCap, windows, others, headNorm, relative);
    }

    /** The same rotation in every layer. */
    AttentionShape withRotary(RotaryShape other) {
        return withRotary(Collections.nCopies(rotary.size(), other));
    }

    AttentionShape withHeadNorm(HeadNorm other) {
        return new AttentionShape(causal, scale, softCap, windows, rotary, other, relative);
    }

    AttentionShape withRelative(RelativeShape other) {
        return new AttentionShape(causal, scale, softCap, windows, rotary, headNorm, other);
    }

    /** Whether any layer turns queries and keys. */
    public boolean rotates() {
        return rotary.stream().anyMatch(RotaryShape::rotates);
    }
}
