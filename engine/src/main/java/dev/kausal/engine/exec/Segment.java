package dev.kausal.engine.exec;

import java.util.Arrays;

/**
 * Packed rows that attend alike: variants of prompts of one length, with the same positions present in each.
 *
 * @param start first packed row; rows are variant by variant
 * @param variants how many
 * @param positions the positions present in each variant, ascending
 * @param ownFrom position from which keys and values are the variant's own; those before it are the base run's.
 *     {@code length} where all are
 * @param length positions of the prompt
 * @param base index of the run that lends keys and values; -1 where {@code ownFrom} is 0
 */
record Segment(int start, int variants, int[] positions, int ownFrom, int length, int base) {
    /** Whole sequences of one length, from {@code start}. */
    static Segment whole(int start, int variants, int length) {
        return new Segment(start, variants, range(0, length), 0, length, -1);
    }

    /** Number of packed rows. */
    int rows() {
        return variants * positions.length;
    }

    /** Positions whose keys and values are the variant's own. */
    int own() {
        return length - ownFrom;
    }

    /** Whether rows of both attend to the same keys in the same way. */
    boolean alike(Segment other) {
        return base == other.base
                && ownFrom == other.ownFrom
                && length == other.length
                && Arrays.equals(positions, other.positions);
    }

    static int[] range(int from, int to) {
        int[] range = new int[to - from];
        for (int i = 0; i < range.length; i++) {
            range[i] = from + i;
        }
        return range;
    }
}
