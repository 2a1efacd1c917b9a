package dev.kausal.engine.tensor;

import java.util.Arrays;

/** A growing list of unboxed row numbers. */
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

    /** Returns the value at {@code index}. */
    public int get(int index) {
        return values[index];
    }

    /** Returns the number of values. */
    public int size() {
        return size;
    }

    /** Returns a copy of the values. */
    public int[] ints() {
        return Arrays.copyOf(values, size);
    }

    /** Returns a copy of the values as longs, for indexing in DJL. */
    public long[] longs() {
        long[] longs = new long[size];
        for (int i = 0; i < size; i++) {
            longs[i] = values[i];
        }
        return longs;
    }
}
