package dev.kausal.engine.rows;

import java.util.ArrayList;
import java.util.List;

/** Variant and position of each packed row. */
public record RowLayout(List<AttentionGroup> segments, int rows) {
    public static RowLayout of(List<AttentionGroup> segments) {
        return new RowLayout(
                List.copyOf(segments),
                segments.stream().mapToInt(AttentionGroup::rows).sum());
    }

    /** Returns one row per variant, at position 0. */
    public RowLayout pooled() {
        List<AttentionGroup> pooled = new ArrayList<>();
        int next = 0;
        for (AttentionGroup segment : segments) {
            pooled.add(AttentionGroup.whole(next, segment.variants(), 1, Extent.NONE));
            next += segment.variants();
        }
        return of(pooled);
    }

    /** Returns the position of each packed row. */
    public int[] positions() {
        int[] positions = new int[rows];
        for (AttentionGroup segment : segments) {
            int row = segment.start();
            for (int[] of : segment.positions()) {
                System.arraycopy(of, 0, positions, row, of.length);
                row += of.length;
            }
        }
        return positions;
    }
}
