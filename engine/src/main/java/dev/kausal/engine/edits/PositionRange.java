package dev.kausal.engine.edits;

/**
 * Consecutive positions of one sequence.
 *
 * @param first first position; 0 with {@code last} -1 for every position
 * @param last last position, inclusive
 */
public record PositionRange(int first, int last) {
    /** Every position. */
    public static final PositionRange ALL = new PositionRange(0, -1);

    public PositionRange {
        if (first < 0 || (last < first && last != -1)) {
            throw new IllegalArgumentException("no positions " + first + " to " + last);
        }
    }

    /** Returns a range of one position. */
    public static PositionRange at(int position) {
        return new PositionRange(position, position);
    }

    /** Returns whether this covers all positions, whatever the length. */
    public boolean all() {
        return last == -1;
    }

    /** Returns the number of positions in a sequence of {@code length}. */
    public int count(int length) {
        return all() ? length : last - first + 1;
    }
}
