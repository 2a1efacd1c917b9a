package dev.kausal.engine.rows;

/**
 * Which positions a query sees.
 *
 * @param causal whether a query sees only its own and earlier positions
 * @param window number of positions in each visible direction, its own included; 0 for all
 */
public record AttentionMask(boolean causal, int window) {
    /** Returns the first position that a query at {@code position} sees. */
    public int first(int position) {
        return window == 0 ? 0 : Math.max(0, position - window + 1);
    }

    /** Returns one more than the last position, of {@code length}, that a query at {@code position} sees. */
    public int end(int position, int length) {
        if (causal) {
            return position + 1;
        }
        return window == 0 ? length : Math.min(length, position + window);
    }
}
