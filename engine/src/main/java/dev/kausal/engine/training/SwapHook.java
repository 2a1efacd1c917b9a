package dev.kausal.engine.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.hooks.Hook;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.tensor.Indices;
import dev.kausal.engine.tensor.Slices;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Puts units of some inputs in place of those of others, at one hook point, by gathering rows of the activation. */
final class SwapHook implements Hook {
    private record Swap(Part part, int base, int source) {}

    private final List<List<Swap>> bySegment = new ArrayList<>();
    private int next;

    SwapHook(int segments) {
        for (int i = 0; i < segments; i++) {
            bySegment.add(new ArrayList<>());
        }
    }

    /** Adds a swap between two inputs of a segment, by their numbers in it. */
    void add(int segment, Part part, int base, int source) {
        bySegment.get(segment).add(new Swap(part, base, source));
    }

    /** Handles the segments of a batch in turn. */
    @Override
    public NDArray apply(NDArray activation, HookPoint point) {
        List<Swap> swaps = bySegment.get(next);
        next = (next + 1) % bySegment.size();
        NDArray now = activation;
        for (Map.Entry<Integer, int[]> size :
                sources(swaps, activation.getShape(), point).entrySet()) {
            int[] from = size.getValue();
            NDArray items = now.reshape(from.length, size.getKey());
            now = Slices.gather(items, activation.getManager().create(from)).reshape(activation.getShape());
        }
        return now;
    }

    /** Returns by size of items, for each item of the activation, the item that is put there. */
    private static Map<Integer, int[]> sources(List<Swap> swaps, Shape shape, HookPoint point) {
        int positions = (int) shape.get(1);
        int heads = point.headAxis().isPresent() ? (int) shape.get(2) : 1;
        int width = (int) shape.get(shape.dimension() - 1);
        Map<Integer, int[]> sources = new TreeMap<>();
        for (Swap swap : swaps) {
            int size = swap.part().itemSize(heads, width);
            int[] from = sources.computeIfAbsent(
                    size, key -> IntStream.range(0, (int) shape.size() / key).toArray());
            Indices into = new Indices();
            Indices taken = new Indices();
            for (int position = 0; position < positions; position++) {
                swap.part().addItems(into, swap.base() * positions + position, heads, width);
                swap.part().addItems(taken, swap.source() * positions + position, heads, width);
            }
            for (int i = 0; i < into.size(); i++) {
                from[into.get(i)] = taken.get(i);
            }
        }
        return sources;
    }
}
