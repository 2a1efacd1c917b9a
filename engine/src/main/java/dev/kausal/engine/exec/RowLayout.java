package dev.kausal.engine.exec;

import java.util.List;

/** Which position of which variant each packed row is. */
record RowLayout(List<Segment> segments, int rows) {
    static RowLayout of(List<Segment> segments) {
        return new RowLayout(
                List.copyOf(segments), segments.stream().mapToInt(Segment::rows).sum());
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
