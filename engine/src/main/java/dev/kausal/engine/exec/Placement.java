package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/**
 * Where each actor's rows lie in a packed array.
 *
 * @param layout segments of actors that attend alike
 * @param actors indices of the actors present, in the order of their rows
 * @param start first packed row by actor; -1 for actors that are absent
 * @param positions positions present by actor; null for actors that are absent
 */
record Placement(RowLayout layout, int[] actors, int[] start, int[][] positions) {
    /**
     * Places actors one after another, in their order; neighbours that attend alike share a segment.
     *
     * @param rows positions present by actor, ascending; empty or null where it is absent
     * @param going positions that go on after attention; they too are the same within a segment
     * @param ownFrom by actor, position from which keys and values are its own
     */
    static Placement of(
            List<Actor> actors, IntFunction<int[]> rows, IntFunction<int[]> going, IntUnaryOperator ownFrom) {
        List<Segment> segments = new ArrayList<>();
        int[] start = new int[actors.size()];
        int[][] positions = new int[actors.size()][];
        List<Integer> present = new ArrayList<>();
        int next = 0;
        int[] before = null;
        Arrays.fill(start, -1);
        for (int i = 0; i < start.length; i++) {
            Actor actor = actors.get(i);
            int[] its = rows.apply(i);
            if (its == null || its.length == 0) {
                continue;
            }
            start[i] = next;
            positions[i] = its;
            present.add(i);
            int[] goes = going.apply(i);
            add(segments, actor, its, ownFrom.applyAsInt(i), next, Arrays.equals(goes, before));
            before = goes;
            next += its.length;
        }
        int[] order = present.stream().mapToInt(Integer::intValue).toArray();
        return new Placement(RowLayout.of(segments), order, start, positions);
    }

    private static void add(
            List<Segment> segments, Actor actor, int[] positions, int ownFrom, int start, boolean goAlike) {
        int length = actor.rows().length();
        int base = ownFrom == 0 ? -1 : actor.run();
        Segment one = new Segment(start, 1, positions, ownFrom, length, base);
        int last = segments.size() - 1;
        if (goAlike && last >= 0 && segments.get(last).alike(one)) {
            Segment before = segments.get(last);
            segments.set(
                    last,
                    new Segment(before.start(), before.variants() + 1, before.positions(), ownFrom, length, base));
        } else {
            segments.add(one);
        }
    }

    /** The same actors and segments with fewer positions; {@code rows} are alike within a segment. */
    Placement narrowed(IntFunction<int[]> rows) {
        List<Segment> segments = new ArrayList<>();
        int[] starts = new int[start.length];
        int[][] kept = new int[start.length][];
        Arrays.fill(starts, -1);
        int next = 0;
        int index = 0;
        for (Segment segment : layout.segments()) {
            int[] its = rows.apply(actors[index]);
            segments.add(
                    new Segment(next, segment.variants(), its, segment.ownFrom(), segment.length(), segment.base()));
            for (int variant = 0; variant < segment.variants(); variant++) {
                int actor = actors[index++];
                starts[actor] = next;
                kept[actor] = its;
                next += its.length;
            }
        }
        return new Placement(RowLayout.of(segments), actors, starts, kept);
    }

    /** Packed row of an actor's position, or -1 where it is absent. */
    int row(int actor, int position) {
        if (start[actor] < 0) {
            return -1;
        }
        int found = Arrays.binarySearch(positions[actor], position);
        return found < 0 ? -1 : start[actor] + found;
    }

    /**
     * These rows of a stream: what is present already, and the base runs' where it is not.
     *
     * @param stream [row, d_model] of {@code present}; null where nothing is present
     * @param lent the base runs' stream at the same moment [row, d_model]
     */
    NDArray gathered(List<Actor> all, NDArray stream, Placement present, BaseRuns base, NDArray lent, NDManager local) {
        Indices order = new Indices();
        Indices joining = new Indices();
        int count = stream == null ? 0 : present.layout().rows();
        for (int actor : actors) {
            for (int position : positions[actor]) {
                int row = stream == null ? -1 : present.row(actor, position);
                if (row < 0) {
                    row = count + joining.size();
                    joining.add(base.row(all.get(actor).run(), position));
                }
                order.add(row);
            }
        }
        NDList parts = new NDList(2);
        if (count > 0) {
            parts.add(stream);
        }
        if (joining.size() > 0) {
            parts.add(LayerMaths.gather(lent, local.create(joining.ints())));
        }
        NDArray together = parts.size() == 1 ? parts.get(0) : NDArrays.concat(parts);
        return LayerMaths.gather(together, local.create(order.ints()));
    }

    /** Whether the same rows lie in the same order and attend alike. */
    boolean sameRows(Placement other) {
        List<Segment> mine = layout.segments();
        List<Segment> its = other.layout.segments();
        boolean same = mine.size() == its.size() && Arrays.equals(start, other.start);
        for (int i = 0; same && i < mine.size(); i++) {
            same = mine.get(i).alike(its.get(i))
                    && mine.get(i).variants() == its.get(i).variants();
        }
        return same;
    }
}
