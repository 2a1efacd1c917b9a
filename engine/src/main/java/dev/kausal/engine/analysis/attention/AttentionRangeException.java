package dev.kausal.engine.analysis.attention;

import dev.kausal.engine.errors.KausalException;

/** A layer, head, position or setting out of range for an attention measure. */
public final class AttentionRangeException extends KausalException {
    private static final long serialVersionUID = 1L;

    AttentionRangeException(String message) {
        super(Blame.USER, message);
    }

    /** Returns {@code index} if it is below {@code count}; throws otherwise. */
    static int check(String what, int index, int count) {
        if (index < 0 || index >= count) {
            throw new AttentionRangeException(
                    what + " " + index + " is out of range: there are " + count + ", 0 to " + (count - 1) + ".");
        }
        return index;
    }
}
