package dev.kausal.engine.plan;

import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.metrics.Metric;
import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/**
 * The cells of a sweep, each made when it is asked for: a plan holds what they have in common, and no object per cell.
 * Unmodifiable; any number of threads may read.
 */
public abstract class Cells extends AbstractList<Cell> implements RandomAccess {
    /** Returns the index of the run that a cell edits. */
    public abstract int run(int index);

    /** Returns the metric of a cell. */
    public abstract Metric metric(int index);

    /** Returns the number of edits of a cell. */
    public abstract int edits(int index);

    /** Returns {@code cells} themselves if they are made when asked for, else a view of a copy. */
    public static Cells of(List<Cell> cells) {
        return cells instanceof Cells made ? made : new Given(List.copyOf(cells));
    }

    /** Returns a view of the cells from {@code first} to {@code last}. */
    public Cells part(int first, int last) {
        return new Part(this, first, last - first + 1);
    }

    /** Returns the cells of several plans, whose runs are numbered from the first plan's to the last's. */
    static Cells joined(List<SweepPlan> plans) {
        return new Joined(plans);
    }

    /** Cells that exist as objects. */
    private static final class Given extends Cells {
        private final List<Cell> cells;

        Given(List<Cell> cells) {
            this.cells = cells;
        }

        @Override
        public Cell get(int index) {
            return cells.get(index);
        }

        @Override
        public int run(int index) {
            return cells.get(index).run();
        }

        @Override
        public Metric metric(int index) {
            return cells.get(index).metric();
        }

        @Override
        public int edits(int index) {
            return cells.get(index).edits().size();
        }

        @Override
        public int size() {
            return cells.size();
        }
    }

    /** Consecutive cells of others. */
    static final class Part extends Cells {
        private final Cells whole;
        private final int first;
        private final int size;

        Part(Cells whole, int first, int size) {
            if (first < 0 || size < 0 || first + size > whole.size()) {
                throw new IndexOutOfBoundsException(size + " cells from " + first + " of " + whole.size());
            }
            this.whole = whole;
            this.first = first;
            this.size = size;
        }

        /** Returns the cells that these are a part of. */
        Cells whole() {
            return whole;
        }

        /** Returns the index of the first of them in the whole. */
        int first() {
            return first;
        }

        private int inWhole(int index) {
            if (index < 0 || index >= size) {
                throw new IndexOutOfBoundsException("cell " + index + " of " + size);
            }
            return first + index;
        }

        @Override
        public Cell get(int index) {
            return whole.get(inWhole(index));
        }

        @Override
        public int run(int index) {
            return whole.run(inWhole(index));
        }

        @Override
        public Metric metric(int index) {
            return whole.metric(inWhole(index));
        }

        @Override
        public int edits(int index) {
            return whole.edits(inWhole(index));
        }

        @Override
        public int size() {
            return size;
        }
    }

    /** Cells of several plans. */
    private static final class Joined extends Cells {
        private final Cells[] each;
        private final int[] runsBefore;
        private final int[] ends;

        Joined(List<SweepPlan> plans) {
            each = new Cells[plans.size()];
            runsBefore = new int[plans.size()];
            ends = new int[plans.size()];
            int runs = 0;
            int cells = 0;
            for (int i = 0; i < each.length; i++) {
                each[i] = Cells.of(plans.get(i).cells());
                runsBefore[i] = runs;
                runs += plans.get(i).runs().size();
                cells += each[i].size();
                ends[i] = cells;
            }
        }

        private int plan(int index) {
            if (index >= 0) {
                for (int i = 0; i < ends.length; i++) {
                    if (index < ends[i]) {
                        return i;
                    }
                }
            }
            throw new IndexOutOfBoundsException("cell " + index + " of " + size());
        }

        private int within(int plan, int index) {
            return plan == 0 ? index : index - ends[plan - 1];
        }

        @Override
        public Cell get(int index) {
            int plan = plan(index);
            Cell cell = each[plan].get(within(plan, index));
            int before = runsBefore[plan];
            if (before == 0) {
                return cell;
            }
            List<Edit> edits = SweepPlan.renumbered(cell.edits(), before);
            return new Cell(cell.run() + before, edits, cell.metric().renumbered(run -> run + before));
        }

        @Override
        public int run(int index) {
            int plan = plan(index);
            return each[plan].run(within(plan, index)) + runsBefore[plan];
        }

        @Override
        public Metric metric(int index) {
            int plan = plan(index);
            return each[plan].metric(within(plan, index)).renumbered(run -> run + runsBefore[plan]);
        }

        @Override
        public int edits(int index) {
            int plan = plan(index);
            return each[plan].edits(within(plan, index));
        }

        @Override
        public int size() {
            return ends.length == 0 ? 0 : ends[ends.length - 1];
        }
    }
}
