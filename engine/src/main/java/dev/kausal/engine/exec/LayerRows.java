package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
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
 * @param segments how the rows of each segment attend
 */
record LayerRows(
        RowLayout keys,
        RowLayout queries,
        NDArray kept,
        Rotary.Angles keyAngles,
        Rotary.Angles queryAngles,
        List<AttentionRows> segments) {
    static LayerRows of(RowLayout layout, Rotary rotary, NDManager local) {
        Rotary.Angles angles = rotary == null ? null : rotary.angles(layout.positions(), local);
        return new LayerRows(layout, layout, null, angles, angles, attention(layout, layout, local));
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
                attention(keys, queries, local));
    }

    private static List<AttentionRows> attention(RowLayout keys, RowLayout queries, NDManager local) {
        List<AttentionRows> rows = new ArrayList<>();
        for (int i = 0; i < keys.segments().size(); i++) {
            rows.add(AttentionRows.of(queries.segments().get(i), keys.segments().get(i), local));
        }
        return rows;
    }
}
