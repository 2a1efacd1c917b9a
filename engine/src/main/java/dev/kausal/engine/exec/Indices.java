package dev.kausal.engine.exec;

import java.util.Arrays;

/** A growing list of row numbers without a box for each. */
final class Indices {
    private int[] values = new int[64];
    private int size;

    void add(int value) {
        if (size == values.length) {
            values = Arrays.copyOf(values, size * 2);
        }
        values[size++] = value;
    }

    int get(int index) {
        return values[index];
    }

    int size() {
        return size;
    }

    int[] ints() {
        return Arrays.copyOf(values, size);
    }

    long[] longs() {
        long[] longs = new long[size];
        for (int i = 0; i < size; i++) {
            longs[i] = values[i];
        }
        return longs;
    }
}
