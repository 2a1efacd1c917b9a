package dev.kausal.engine.plan.rewrite;

import java.util.Arrays;

/** Numbers as a key of a map; the array must not change. */
final class Ints {
    private final int[] values;
    private final int hash;

    Ints(int[] values) {
        this.values = values;
        this.hash = Arrays.hashCode(values);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Ints ints && hash == ints.hash && Arrays.equals(values, ints.values);
    }

    @Override
    public int hashCode() {
        // Sums of small numbers are close together.
        return hash * 0x9E3779B9;
    }
}
