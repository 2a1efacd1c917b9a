package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.DirtyRows;
import dev.kausal.engine.plan.MetricRequest;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedEdit;
import java.util.stream.IntStream;

/** In the last layer, continues only rows that are read, once keys and values are computed. */
final class NarrowLastLayer implements Rewrite {
    @Override
    public String name() {
        return "narrow the last layer to rows that are read";
    }

    @Override
    public String reason() {
        return "no later layer reads the others; rows with an edit stay, so that its audit is complete";
    }

    @Override
    public CompiledPlan apply(CompiledPlan plan) {
        int last = plan.sizes().layers() - 1;
        return plan.mapped(cell -> cell.rows().in(last) ? cell.with(narrowed(plan, cell, last)) : cell);
    }

    private static DirtyRows narrowed(CompiledPlan plan, PlannedCell cell, int last) {
        DirtyRows rows = cell.rows();
        int[] needed = rows.readout();
        for (MetricRequest reading : cell.readings()) {
            needed = DirtyRows.union(
                    needed, reading.metric().positions(rows.length()).orElseGet(() -> plan.rowsRead(cell.run())));
        }
        for (PlannedEdit edit : cell.edits()) {
            boolean after = edit.point().layer() == last && edit.point().reach() == HookKind.Reach.ROW;
            if (after) {
                needed = DirtyRows.union(needed, Spread.rows(edit, rows.length()));
            }
        }
        int[] wanted = needed;
        int[] kept = IntStream.of(rows.keys(last))
                .filter(row -> IntStream.of(wanted).anyMatch(want -> want == row))
                .toArray();
        // A metric of earlier rows reads none of these; attention still needs a query to go with its keys.
        return rows.narrowed(kept.length > 0 ? kept : lastOf(rows.keys(last)));
    }

    private static int[] lastOf(int[] rows) {
        return new int[] {rows[rows.length - 1]};
    }
}
