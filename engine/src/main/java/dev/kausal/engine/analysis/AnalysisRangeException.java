package dev.kausal.engine.analysis;

import dev.kausal.engine.errors.KausalException;

/** A token, a position or a number of tokens out of range for an analysis. */
public final class AnalysisRangeException extends KausalException {
    private static final long serialVersionUID = 1L;

    private AnalysisRangeException(String message) {
        super(Blame.USER, message);
    }

    /**
     * Returns {@code value} if it is at least {@code least} and below {@code end}.
     *
     * @param what the value in words, at the start of the message
     * @throws AnalysisRangeException otherwise
     */
    public static int check(String what, int value, int least, int end) {
        if (value < least || value >= end) {
            throw new AnalysisRangeException(
                    what + " is " + value + ", but must be from " + least + " to " + (end - 1) + ".");
        }
        return value;
    }
}
