package dev.kausal.engine.exec;

import dev.kausal.engine.plan.DirtyRows;
import dev.kausal.engine.plan.PlannedEdit;
import dev.kausal.engine.plan.Run;
import java.util.List;

/**
 * One run within a wavefront: a base run with all its rows, or a cell with its dirty rows.
 *
 * @param run index of the run in the plan
 * @param source the run itself
 * @param edits in the order of the pass
 * @param rows rows to compute
 */
record PackedRun(int run, Run source, List<PlannedEdit> edits, DirtyRows rows) {
    /** Returns the position from which its rows after the last layer are its own. */
    int endsFrom(int layers) {
        return rows.in(layers - 1) ? rows.ownFrom(layers - 1) : rows.length();
    }
}
