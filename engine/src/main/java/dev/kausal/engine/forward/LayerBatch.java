package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.AttentionMask;
import dev.kausal.engine.rows.RowLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rows that one layer reads and writes, with the data that attention needs. Its arrays belong to the manager or
 * scope in which it was made.
 *
 * @param keys rows whose keys and values are computed
 * @param queries rows that continue: the same, or fewer if the others are no longer needed
 * @param kept indices of {@code queries} among {@code keys} [row]; null if they are the same
 * @param keyAngles angles of the keys, by rotation
 * @param queryAngles angles of the queries, by rotation
 * @param segments how the rows of each segment attend, by attention mask
 */
public record LayerBatch(
        RowLayout keys,
        RowLayout queries,
        @Nullable NDArray kept,
        Map<Rotary, Rotary.Angles> keyAngles,
        Map<Rotary, Rotary.Angles> queryAngles,
        Map<AttentionMask, List<AttentionBatch>> segments) {
    public static LayerBatch of(RowLayout layout, Positions positions, NDManager local) {
        Map<Rotary, Rotary.Angles> angles = angles(layout, positions, local);
        return new LayerBatch(layout, layout, null, angles, angles, attention(layout, layout, positions, local));
    }

    /**
     * Creates a batch after which only some rows continue.
     *
     * @param kept indices of {@code queries} among {@code keys}
     */
    public static LayerBatch narrowing(
            RowLayout keys, RowLayout queries, int[] kept, Positions positions, NDManager local) {
        return new LayerBatch(
                keys,
                queries,
                local.create(kept),
                angles(keys, positions, local),
                angles(queries, positions, local),
                attention(keys, queries, positions, local));
    }

    /**
     * Creates a batch whose segments attend to keys of earlier passes too ({@link StoredKeys}).
     *
     * @param slots stored keys of each variant by segment, this pass's included; 0 for a segment without earlier ones
     */
    public static LayerBatch stored(RowLayout layout, int[] slots, Positions positions, NDManager local) {
        Map<Rotary, Rotary.Angles> angles = angles(layout, positions, local);
        Map<AttentionMask, List<AttentionBatch>> bySight = new HashMap<>();
        for (AttentionMask sight : positions.sights()) {
            List<AttentionBatch> rows = new ArrayList<>();
            for (int i = 0; i < slots.length; i++) {
                AttentionGroup segment = layout.segments().get(i);
                rows.add(
                        slots[i] == 0
                                ? AttentionBatch.of(segment, segment, sight, positions.relative(), local)
                                : StoredKeys.batch(segment, slots[i], sight, local));
            }
            bySight.put(sight, rows);
        }
        return new LayerBatch(layout, layout, null, angles, angles, bySight);
    }

    private static Map<Rotary, Rotary.Angles> angles(RowLayout layout, Positions positions, NDManager local) {
        Map<Rotary, Rotary.Angles> angles = new HashMap<>();
        for (Rotary rotary : positions.rotations()) {
            angles.put(rotary, rotary.angles(layout, local));
        }
        return angles;
    }

    private static Map<AttentionMask, List<AttentionBatch>> attention(
            RowLayout keys, RowLayout queries, Positions positions, NDManager local) {
        Map<AttentionMask, List<AttentionBatch>> bySight = new HashMap<>();
        for (AttentionMask sight : positions.sights()) {
            List<AttentionBatch> rows = new ArrayList<>();
            for (int i = 0; i < keys.segments().size(); i++) {
                AttentionGroup asking = queries.segments().get(i);
                rows.add(AttentionBatch.of(asking, keys.segments().get(i), sight, positions.relative(), local));
            }
            bySight.put(sight, rows);
        }
        return bySight;
    }
}
