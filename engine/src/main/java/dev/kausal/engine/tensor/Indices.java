package dev.kausal.engine.tensor;

import java.util.Arrays;

/** A growing list of row numbers without a box for each. */
public final class Indices {
    private int[] values = new int[64];
    private int size;

    /** Appends a value. */
    public void add(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = value;
    }

    /** The value at {@code index}. */
    public int get(int index) {
        return values[index];
    }

    /** Number of values. */
    public int size() {
        return size;
    }

    /** A copy of the values. */
    public int[] ints() {
        return Arrays.copyOf(values, size);
    }

    /** A copy of the values as longs, as DJL indexes by. */
    public long[] longs() {
        long[] longs = new long[size];
        for (int i = 0; i < size; i++) {
            longs[i] = values[i];
        }
        return longs;
    }
}
