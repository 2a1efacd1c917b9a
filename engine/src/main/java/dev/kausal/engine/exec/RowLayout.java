package dev.kausal.engine.exec;

import java.util.ArrayList;
import java.util.List;

/** Which position of which variant each packed row is. */
record RowLayout(List<Segment> segments, int rows) {
    static RowLayout of(List<Segment> segments) {
        return new RowLayout(
                List.copyOf(segments), segments.stream().mapToInt(Segment::rows).sum());
    }

    /** One row for each variant, at position 0. */
    RowLayout pooled() {
        List<Segment> pooled = new ArrayList<>();
        int next = 0;
        for (Segment segment : segments) {
            pooled.add(Segment.whole(next, segment.variants(), 1, Extent.NONE));
            next += segment.variants();
        }
        return of(pooled);
    }

    /** Position of each packed row. */
    int[] positions() {
        int[] positions = new int[rows];
        for (Segment segment : segments) {
            int row = segment.start();
            for (int[] of : segment.positions()) {
                System.arraycopy(of, 0, positions, row, of.length);
                row += of.length;
            }
        }
        return positions;
    }
}
