package dev.kausal.engine.training;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Batches of numbers, drawn without replacement until fewer than a batch are left. */
final class Batches {
    private final int count;
    private final int size;
    private final Random random;
    private final List<Integer> left = new ArrayList<>();

    Batches(int count, int size, long seed) {
        this.count = count;
        this.size = Math.min(count, size);
        this.random = new Random(seed);
    }

    /** Returns the next batch, ascending. */
    List<Integer> next() {
        if (left.size() < size) {
            left.clear();
            IntStream.range(0, count).forEach(left::add);
            Collections.shuffle(left, random);
        }
        List<Integer> next = left.subList(left.size() - size, left.size());
        List<Integer> batch = next.stream().sorted().toList();
        next.clear();
        return batch;
    }
}
