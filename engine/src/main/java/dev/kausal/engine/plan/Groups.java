package dev.kausal.engine.plan;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;
import java.util.RandomAccess;

/** Groups of cells that pass the layers together, as indices of cells in one array. Unmodifiable. */
public final class Groups extends AbstractList<List<Integer>> implements RandomAccess {
    private final int[] cells;
    private final int[] ends;

    /**
     * Creates groups.
     *
     * @param cells indices of the cells, group by group
     * @param ends of each group, the number of cells of the groups up to it
     */
    public Groups(int[] cells, int[] ends) {
        this.cells = cells.clone();
        this.ends = ends.clone();
        if ((ends.length == 0 ? 0 : ends[ends.length - 1]) != cells.length) {
            throw new IllegalArgumentException(cells.length + " cells in groups that end at " + Arrays.toString(ends));
        }
    }

    private int start(int group) {
        return group == 0 ? 0 : ends[group - 1];
    }

    @Override
    public List<Integer> get(int group) {
        int start = start(group);
        return new Slice(cells, start, ends[group] - start);
    }

    @Override
    public int size() {
        return ends.length;
    }

    private static final class Slice extends AbstractList<Integer> implements RandomAccess {
        private final int[] cells;
        private final int start;
        private final int size;

        Slice(int[] cells, int start, int size) {
            this.cells = cells;
            this.start = start;
            this.size = size;
        }

        @Override
        public Integer get(int index) {
            if (index < 0 || index >= size) {
                throw new IndexOutOfBoundsException("cell " + index + " of a group of " + size);
            }
            return cells[start + index];
        }

        @Override
        public int size() {
            return size;
        }
    }
}
