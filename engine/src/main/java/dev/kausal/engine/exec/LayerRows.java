package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The rows that one layer reads and writes, with what attention needs to know of them. Its arrays live in the manager
 * or scope in which it was made.
 *
 * @param keys rows whose keys and values are computed
 * @param queries rows that go on: the same, or fewer where nobody reads the others any more
 * @param kept indices of {@code queries} among {@code keys} [row]; null where they are the same
 * @param keyAngles of the keys, by rotation
 * @param queryAngles of the queries, by rotation
 * @param masksByWindow by window and query segment: 0 where a query may look and -inf elsewhere [query, key]; null where
 *     it may look everywhere
 */
record LayerRows(
        RowLayout keys,
        RowLayout queries,
        NDArray kept,
        Map<Rotary, Rotary.Angles> keyAngles,
        Map<Rotary, Rotary.Angles> queryAngles,
        Map<Integer, List<NDArray>> masksByWindow) {
    static LayerRows of(RowLayout layout, Positions positions, NDManager local) {
        Map<Rotary, Rotary.Angles> angles = angles(layout, positions, local);
        return new LayerRows(layout, layout, null, angles, angles, masks(layout, positions, local));
    }

    /**
     * Rows of a layer after which only some go on.
     *
     * @param kept indices of {@code queries} among {@code keys}
     */
    static LayerRows narrowing(RowLayout keys, RowLayout queries, int[] kept, Positions positions, NDManager local) {
        return new LayerRows(
                keys,
                queries,
                local.create(kept),
                angles(keys, positions, local),
                angles(queries, positions, local),
                masks(queries, positions, local));
    }

    /** The masks of a layer's window, by query segment. */
    List<NDArray> masks(int window) {
        return masksByWindow.get(window);
    }

    private static Map<Rotary, Rotary.Angles> angles(RowLayout layout, Positions positions, NDManager local) {
        Map<Rotary, Rotary.Angles> angles = new HashMap<>();
        for (Rotary rotary : positions.rotations()) {
            angles.put(rotary, rotary.angles(layout.positions(), local));
        }
        return angles;
    }

    private static Map<Integer, List<NDArray>> masks(RowLayout layout, Positions positions, NDManager local) {
        Map<Integer, List<NDArray>> byWindow = new HashMap<>();
        for (int window : positions.windows()) {
            List<NDArray> masks = new ArrayList<>();
            for (Segment segment : layout.segments()) {
                masks.add(positions.causal() ? mask(segment.positions(), segment.length(), window, local) : null);
            }
            byWindow.put(window, masks);
        }
        return byWindow;
    }

    private static NDArray mask(int[] queries, int length, int window, NDManager local) {
        if (queries[0] == length - 1 && (window == 0 || window >= length)) {
            return null;
        }
        float[] mask = new float[queries.length * length];
        for (int i = 0; i < queries.length; i++) {
            int first = window == 0 ? 0 : Math.max(0, queries[i] - window + 1);
            Arrays.fill(mask, i * length, i * length + first, Float.NEGATIVE_INFINITY);
            Arrays.fill(mask, i * length + queries[i] + 1, (i + 1) * length, Float.NEGATIVE_INFINITY);
        }
        return local.create(mask, new Shape(queries.length, length));
    }
}
