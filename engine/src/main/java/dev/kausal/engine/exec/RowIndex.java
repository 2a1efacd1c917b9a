package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.Extent;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.tensor.Indices;
import dev.kausal.engine.tensor.Slices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Where each packed run's rows are in a packed array.
 *
 * @param layout segments of packed runs that attend alike
 * @param packedRuns indices of the packed runs present, in row order
 * @param start first packed row by packed run; -1 if absent
 * @param positions positions present by packed run; null if absent
 */
record RowIndex(RowLayout layout, int[] packedRuns, int[] start, int[][] positions) {
    /**
     * Places packed runs one after another; neighbours that attend alike share a segment.
     *
     * @param rows positions present by packed run, ascending; empty or null if absent
     * @param ownFrom by packed run, position from which keys and values are its own
     * @param going positions that continue after attention
     * @param paddedLength prompts up to this length share a segment with neighbours at other positions; longer ones
     *     only with neighbours at the same positions
     */
    static RowIndex of(
            List<PackedRun> packedRuns,
            IntFunction<int @Nullable []> rows,
            IntUnaryOperator ownFrom,
            IntFunction<int[]> going,
            int paddedLength) {
        Segments segments = new Segments(paddedLength);
        int[] start = new int[packedRuns.size()];
        int[][] positions = new int[packedRuns.size()][];
        Indices present = new Indices();
        int next = 0;
        Arrays.fill(start, -1);
        for (int i = 0; i < start.length; i++) {
            int[] kept = rows.apply(i);
            if (kept == null || kept.length == 0) {
                continue;
            }
            start[i] = next;
            positions[i] = kept;
            present.add(i);
            int from = ownFrom.applyAsInt(i);
            PackedRun packedRun = packedRuns.get(i);
            int base = from == 0 ? -1 : packedRun.run();
            Extent extent = Extent.of(packedRun.source().input());
            segments.add(
                    AttentionGroup.single(next, kept, from, packedRun.rows().length(), base, extent), going.apply(i));
            next += kept.length;
        }
        return new RowIndex(RowLayout.of(segments.all()), present.ints(), start, positions);
    }

    /** Collects neighbouring variants into segments. */
    private static final class Segments {
        private final int paddedLength;
        private final List<AttentionGroup> done = new ArrayList<>();
        private final List<AttentionGroup> open = new ArrayList<>();
        private int @Nullable [] goes;

        Segments(int paddedLength) {
            this.paddedLength = paddedLength;
        }

        void add(AttentionGroup one, int[] itGoes) {
            boolean fits = !open.isEmpty()
                    && ((one.length() <= paddedLength)
                            ? open.get(0).sameLender(one)
                            : open.get(0).alike(one) && Arrays.equals(goes, itGoes));
            if (!fits) {
                close();
            }
            open.add(one);
            goes = itGoes;
        }

        private void close() {
            if (!open.isEmpty()) {
                done.add(joined());
                open.clear();
            }
        }

        private AttentionGroup joined() {
            AttentionGroup first = open.get(0);
            int[][] positions = open.stream().map(one -> one.positions()[0]).toArray(int[][]::new);
            int[] ownFrom = open.stream().mapToInt(one -> one.ownFrom()[0]).toArray();
            int rows = open.stream().mapToInt(AttentionGroup::rows).sum();
            return new AttentionGroup(
                    first.start(), rows, positions, ownFrom, first.length(), first.base(), first.extent());
        }

        List<AttentionGroup> all() {
            close();
            return done;
        }
    }

    /** Returns the same packed runs and segments with fewer positions. */
    RowIndex narrowed(IntFunction<int[]> rows) {
        List<AttentionGroup> segments = new ArrayList<>();
        int[] starts = new int[start.length];
        int[][] kept = new int[start.length][];
        Arrays.fill(starts, -1);
        int next = 0;
        int index = 0;
        for (AttentionGroup segment : layout.segments()) {
            int first = next;
            int[][] remaining = new int[segment.variants()][];
            for (int variant = 0; variant < remaining.length; variant++) {
                int packedRun = packedRuns[index++];
                remaining[variant] = rows.apply(packedRun);
                starts[packedRun] = next;
                kept[packedRun] = remaining[variant];
                next += remaining[variant].length;
            }
            segments.add(segment.narrowed(first, remaining));
        }
        return new RowIndex(RowLayout.of(segments), packedRuns, starts, kept);
    }

    /** Returns one row per packed run, at position 0: the head's pooled rows. */
    RowIndex pooled() {
        int[] starts = new int[start.length];
        int[][] first = new int[start.length][];
        Arrays.fill(starts, -1);
        for (int i = 0; i < packedRuns.length; i++) {
            starts[packedRuns[i]] = i;
            first[packedRuns[i]] = new int[] {0};
        }
        return new RowIndex(layout.pooled(), packedRuns, starts, first);
    }

    /** Returns the packed row of a packed run's position; -1 if absent. */
    int row(int packedRun, int position) {
        if (start[packedRun] < 0) {
            return -1;
        }
        int found = Arrays.binarySearch(positions[packedRun], position);
        return found < 0 ? -1 : start[packedRun] + found;
    }

    /**
     * Gathers these rows of a stream: present rows as they are, others from the base runs.
     *
     * @param stream [row, d_model] of {@code present}; null if none is present
     * @param lent the base runs' stream at the same layer [row, d_model]
     */
    NDArray gathered(
            List<PackedRun> all,
            @Nullable NDArray stream,
            @Nullable RowIndex present,
            BaseRuns base,
            NDArray lent,
            NDManager local) {
        Indices order = new Indices();
        Indices joining = new Indices();
        int count = present == null ? 0 : present.layout().rows();
        for (int packedRun : packedRuns) {
            for (int position : positions[packedRun]) {
                int row = present == null ? -1 : present.row(packedRun, position);
                if (row < 0) {
                    row = count + joining.size();
                    joining.add(base.row(all.get(packedRun).run(), position));
                }
                order.add(row);
            }
        }
        NDList parts = new NDList(2);
        if (stream != null && count > 0) {
            parts.add(stream);
        }
        if (joining.size() > 0) {
            parts.add(Slices.gather(lent, local.create(joining.ints())));
        }
        NDArray together = parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts);
        return Slices.gather(together, local.create(order.ints()));
    }

    /** Returns whether both have the same rows in the same order, attending alike. */
    boolean sameRows(RowIndex other) {
        List<AttentionGroup> mine = layout.segments();
        List<AttentionGroup> theirs = other.layout.segments();
        boolean same = mine.size() == theirs.size() && Arrays.equals(start, other.start);
        for (int i = 0; same && i < mine.size(); i++) {
            same = mine.get(i).sameLender(theirs.get(i))
                    && Arrays.equals(mine.get(i).ownFrom(), theirs.get(i).ownFrom())
                    && Arrays.deepEquals(mine.get(i).positions(), theirs.get(i).positions());
        }
        return same;
    }
}
