package dev.kausal.engine.analysis.attention;

import dev.kausal.engine.errors.KausalException;

/** A layer, head, position or setting that a measure of attention does not have. */
public final class AttentionRangeException extends KausalException {
    private static final long serialVersionUID = 1L;

    AttentionRangeException(String message) {
        super(Blame.USER, message);
    }

    /** {@code index}, or a complaint where it is not below {@code count}. */
    static int check(String what, int index, int count) {
        if (index < 0 || index >= count) {
            throw new AttentionRangeException(
                    what + " " + index + " was asked for, but there are " + count + ", 0 to " + (count - 1) + ".");
        }
        return index;
    }
}
