package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The rows that one layer reads and writes, with what attention needs to know of them. Its arrays live in the manager
 * or scope in which it was made.
 *
 * @param keys rows whose keys and values are computed
 * @param queries rows that go on: the same, or fewer where nobody reads the others any more
 * @param kept indices of {@code queries} among {@code keys} [row]; null where they are the same
 * @param keyAngles of the keys; null without rotary positions
 * @param queryAngles of the queries; null without rotary positions
 * @param masks by query segment: 0 where a query may look and -inf elsewhere [query, key]; null where it may look
 *     everywhere
 */
record LayerRows(
        RowLayout keys,
        RowLayout queries,
        NDArray kept,
        Rotary.Angles keyAngles,
        Rotary.Angles queryAngles,
        List<NDArray> masks) {
    static LayerRows of(RowLayout layout, Rotary rotary, NDManager local) {
        Rotary.Angles angles = rotary == null ? null : rotary.angles(layout.positions(), local);
        return new LayerRows(layout, layout, null, angles, angles, masks(layout, local));
    }

    /**
     * Rows of a layer after which only some go on.
     *
     * @param kept indices of {@code queries} among {@code keys}
     */
    static LayerRows narrowing(RowLayout keys, RowLayout queries, int[] kept, Rotary rotary, NDManager local) {
        return new LayerRows(
                keys,
                queries,
                local.create(kept),
                rotary == null ? null : rotary.angles(keys.positions(), local),
                rotary == null ? null : rotary.angles(queries.positions(), local),
                masks(queries, local));
    }

    private static List<NDArray> masks(RowLayout layout, NDManager local) {
        List<NDArray> masks = new ArrayList<>();
        for (Segment segment : layout.segments()) {
            masks.add(causalMask(segment.positions(), segment.length(), local));
        }
        return masks;
    }

    private static NDArray causalMask(int[] queries, int length, NDManager local) {
        if (queries[0] == length - 1) {
            return null;
        }
        float[] mask = new float[queries.length * length];
        for (int i = 0; i < queries.length; i++) {
            Arrays.fill(mask, i * length + queries[i] + 1, (i + 1) * length, Float.NEGATIVE_INFINITY);
        }
        return local.create(mask, new Shape(queries.length, length));
    }
}
