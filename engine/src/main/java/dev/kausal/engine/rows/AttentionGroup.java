package dev.kausal.engine.rows;

import java.util.Arrays;

/**
 * Packed rows that attend together: variants of prompts of one length, which share keys of one base run.
 *
 * @param start first packed row; rows are ordered by variant
 * @param rows number of packed rows
 * @param positions positions present by variant, ascending
 * @param ownFrom by variant, the position from which keys and values are its own, earlier ones being the base run's;
 *     {@code length} if all are the base run's
 * @param length positions of the prompt
 * @param base index of the run that provides keys and values; -1 if every {@code ownFrom} is 0
 * @param extent size of the images whose positions these are
 */
public record AttentionGroup(
        int start, int rows, int[][] positions, int[] ownFrom, int length, int base, Extent extent) {
    /** Returns whole sequences of one length, from row {@code start}. */
    public static AttentionGroup whole(int start, int variants, int length, Extent extent) {
        int[][] positions = new int[variants][];
        Arrays.fill(positions, range(0, length));
        return new AttentionGroup(start, variants * length, positions, new int[variants], length, -1, extent);
    }

    /** Returns a single variant. */
    public static AttentionGroup single(int start, int[] positions, int ownFrom, int length, int base, Extent extent) {
        return new AttentionGroup(
                start, positions.length, new int[][] {positions}, new int[] {ownFrom}, length, base, extent);
    }

    /** Returns the same variants with other positions, from {@code newStart}. */
    public AttentionGroup narrowed(int newStart, int[][] kept) {
        int count = 0;
        for (int[] of : kept) {
            count += of.length;
        }
        return new AttentionGroup(newStart, count, kept, ownFrom, length, base, extent);
    }

    public int variants() {
        return positions.length;
    }

    /** Returns whether every variant has the same positions, with the same own keys. */
    public boolean uniform() {
        for (int i = 1; i < positions.length; i++) {
            boolean same = positions[i] == positions[0] || Arrays.equals(positions[i], positions[0]);
            if (!same || ownFrom[i] != ownFrom[0]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns whether rows of both may attend in one product: they use the same base run, or none, and have the same
     * extent.
     */
    public boolean sameLender(AttentionGroup other) {
        return base == other.base && length == other.length && extent.equals(other.extent);
    }

    /** Returns whether rows of both attend to the same keys in the same way. */
    public boolean alike(AttentionGroup other) {
        return sameLender(other) && ownFrom[0] == other.ownFrom[0] && Arrays.equals(positions[0], other.positions[0]);
    }

    public static int[] range(int from, int to) {
        int[] range = new int[to - from];
        for (int i = 0; i < range.length; i++) {
            range[i] = from + i;
        }
        return range;
    }
}
