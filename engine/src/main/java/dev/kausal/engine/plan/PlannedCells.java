package dev.kausal.engine.plan;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * The cells of a compiled plan, each made from the sweep's when it is asked for: a rewrite of a million cells holds what it
 * has decided, and no object per cell. Unmodifiable; one thread at a time reads, unless they are {@link #of given}.
 */
public abstract class PlannedCells extends AbstractList<PlannedCell> implements RandomAccess {
    /** Returns what is read from a cell, which costs less than the cell. */
    public List<MetricRequest> readings(int index) {
        return get(index).readings();
    }

    /** Returns the rows of a cell, which cost less than the cell once {@link #withRows they are known}. */
    public DirtyRows rows(int index) {
        return get(index).rows();
    }

    /** Returns {@code cells} themselves if they are made when asked for, else a view of a copy. */
    public static PlannedCells of(List<PlannedCell> cells) {
        return cells instanceof PlannedCells made ? made : new Given(List.copyOf(cells));
    }

    /** Returns a view of these cells after a {@code change} that leaves their readings as they are. */
    public PlannedCells mapped(UnaryOperator<PlannedCell> change) {
        return new Mapped(this, change);
    }

    /** Returns a view of these cells for a plan that numbers its runs differently. */
    public PlannedCells renumbered(IntUnaryOperator runs) {
        return new Renumbered(this, runs);
    }

    /** Returns a view of these cells with other rows, by index. */
    public PlannedCells withRows(DirtyRows[] rows) {
        return new WithRows(this, rows.clone());
    }

    private static final class Given extends PlannedCells {
        private final List<PlannedCell> cells;

        Given(List<PlannedCell> cells) {
            this.cells = cells;
        }

        @Override
        public PlannedCell get(int index) {
            return cells.get(index);
        }

        @Override
        public int size() {
            return cells.size();
        }
    }

    private static final class Mapped extends PlannedCells {
        private final PlannedCells cells;
        private final UnaryOperator<PlannedCell> change;

        Mapped(PlannedCells cells, UnaryOperator<PlannedCell> change) {
            this.cells = cells;
            this.change = change;
        }

        @Override
        public PlannedCell get(int index) {
            return change.apply(cells.get(index));
        }

        @Override
        public List<MetricRequest> readings(int index) {
            return cells.readings(index);
        }

        @Override
        public int size() {
            return cells.size();
        }
    }

    private static final class Renumbered extends PlannedCells {
        private final PlannedCells cells;
        private final IntUnaryOperator runs;

        Renumbered(PlannedCells cells, IntUnaryOperator runs) {
            this.cells = cells;
            this.runs = runs;
        }

        @Override
        public PlannedCell get(int index) {
            return cells.get(index).renumbered(runs);
        }

        @Override
        public List<MetricRequest> readings(int index) {
            return MetricRequest.renumbered(cells.readings(index), runs);
        }

        @Override
        public int size() {
            return cells.size();
        }
    }

    private static final class WithRows extends PlannedCells {
        private final PlannedCells cells;
        private final DirtyRows[] rows;

        WithRows(PlannedCells cells, DirtyRows[] rows) {
            this.cells = cells;
            this.rows = rows;
        }

        @Override
        public PlannedCell get(int index) {
            return cells.get(index).with(rows[index]);
        }

        @Override
        public List<MetricRequest> readings(int index) {
            return cells.readings(index);
        }

        @Override
        public DirtyRows rows(int index) {
            return rows[index];
        }

        @Override
        public int size() {
            return cells.size();
        }
    }
}
