package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.DirtyRows;
import dev.kausal.engine.plan.MetricRequest;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedEdit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** In the last layer, continues only rows that are read, once keys and values are computed. */
final class NarrowLastLayer implements CellRewrite {
    @Override
    public String name() {
        return "narrow the last layer to rows that are read";
    }

    @Override
    public String reason() {
        return "no later layer reads the others; rows with an edit stay, so that its audit is complete";
    }

    @Override
    public UnaryOperator<PlannedCell> of(CompiledPlan plan) {
        int last = plan.sizes().layers() - 1;
        Narrowing narrowing = new Narrowing(plan, last);
        return cell -> cell.rows().in(last) ? cell.with(narrowing.of(cell)) : cell;
    }

    /** Rows, and the positions that are needed of them. */
    private static final class Needed {
        private final DirtyRows rows;
        private final int[] positions;

        Needed(DirtyRows rows, int[] positions) {
            this.rows = rows;
            this.positions = positions;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Needed needed
                    && rows.equals(needed.rows)
                    && Arrays.equals(positions, needed.positions);
        }

        @Override
        public int hashCode() {
            return 31 * rows.hashCode() + Arrays.hashCode(positions);
        }
    }

    /** Narrows rows of one plan's cells; cells with the same rows and needs share the result. */
    private static final class Narrowing {
        private final CompiledPlan plan;
        private final int last;
        private final Map<Needed, DirtyRows> known = new HashMap<>();
        private final int[][] read;

        Narrowing(CompiledPlan plan, int last) {
            this.plan = plan;
            this.last = last;
            this.read = new int[plan.runs().size()][];
        }

        DirtyRows of(PlannedCell cell) {
            DirtyRows rows = cell.rows();
            int[] needed = rows.readout();
            MetricRequest before = null;
            for (MetricRequest reading : cell.readings()) {
                if (before == null || !reading.metric().equals(before.metric())) {
                    Optional<int[]> positions = reading.metric().positions(rows.length());
                    needed = DirtyRows.union(needed, positions.isPresent() ? positions.get() : read(cell.run()));
                }
                before = reading;
            }
            for (PlannedEdit edit : cell.edits()) {
                boolean after = edit.point().layer() == last && edit.point().reach() == HookKind.Reach.ROW;
                if (after) {
                    needed = DirtyRows.union(needed, Spread.rows(edit, rows.length()));
                }
            }
            Needed key = new Needed(rows, needed);
            DirtyRows narrowed = known.get(key);
            if (narrowed == null) {
                narrowed = narrowed(rows, needed);
                known.put(key, narrowed);
            }
            return narrowed;
        }

        private int[] read(int run) {
            if (read[run] == null) {
                read[run] = plan.rowsRead(run);
            }
            return read[run];
        }

        private DirtyRows narrowed(DirtyRows rows, int[] wanted) {
            int[] kept = IntStream.of(rows.keys(last))
                    .filter(row -> IntStream.of(wanted).anyMatch(want -> want == row))
                    .toArray();
            // A metric of earlier rows reads none of these; attention still needs a query to go with its keys.
            return rows.narrowed(kept.length > 0 ? kept : lastOf(rows.keys(last)));
        }
    }

    private static int[] lastOf(int[] rows) {
        return new int[] {rows[rows.length - 1]};
    }
}
