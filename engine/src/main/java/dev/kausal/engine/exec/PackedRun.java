package dev.kausal.engine.exec;

import dev.kausal.engine.plan.DirtyRows;
import dev.kausal.engine.plan.PlannedEdit;
import dev.kausal.engine.plan.Run;
import java.util.List;

/**
 * One run of the model within a wave: a base run with all its rows, or a cell with its dirty ones.
 *
 * @param run index of the run in the plan
 * @param source that run
 * @param edits in the order of the pass
 * @param rows what is computed
 */
record PackedRun(int run, Run source, List<PlannedEdit> edits, DirtyRows rows) {
    /** Where its rows after the last layer begin to be its own. */
    int endsFrom(int layers) {
        return rows.in(layers - 1) ? rows.ownFrom(layers - 1) : rows.length();
    }
}
