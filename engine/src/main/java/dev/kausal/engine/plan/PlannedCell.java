package dev.kausal.engine.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One computation of a wavefront: a run with edits, and the metrics read from it.
 *
 * @param run index of the base run
 * @param edits in the order of the pass; the run's own (inherited) before the cell's at the same point
 * @param readings at least one
 * @param rebased the whole-stream patch that moved the cell to {@code run}, of which only the audit remains; or null
 * @param rows rows to compute
 */
public record PlannedCell(
        int run,
        List<PlannedEdit> edits,
        List<MetricRequest> readings,
        @Nullable Rebased rebased,
        DirtyRows rows) {
    public PlannedCell {
        edits = List.copyOf(edits);
        readings = List.copyOf(readings);
    }

    /**
     * A patch of the whole residual stream from another run.
     *
     * @param from the run that the script edits
     * @param layer the layer before which the stream is replaced
     */
    public record Rebased(int from, int layer) {}

    /** Returns the cell's own edits. */
    public List<PlannedEdit> ownEdits() {
        for (PlannedEdit edit : edits) {
            if (edit.inherited()) {
                return edits.stream().filter(other -> !other.inherited()).toList();
            }
        }
        return edits;
    }

    /** Returns whether an edit calls a function of the script, which may do anything. */
    public boolean editsByScript() {
        for (PlannedEdit edit : edits) {
            if (edit.edit().replacement().callsScript()) {
                return true;
            }
        }
        return false;
    }

    /** Returns a copy with other edits. */
    public PlannedCell with(List<PlannedEdit> others) {
        return new PlannedCell(run, others, readings, rebased, rows);
    }

    /** Returns a copy with other readings. */
    public PlannedCell reading(List<MetricRequest> others) {
        return new PlannedCell(run, edits, others, rebased, rows);
    }

    /** Returns a copy with other rows. */
    public PlannedCell with(DirtyRows others) {
        return new PlannedCell(run, edits, readings, rebased, others);
    }

    /** Returns the same cell for a plan that numbers its runs differently. */
    public PlannedCell renumbered(IntUnaryOperator runs) {
        List<PlannedEdit> others = new ArrayList<>(edits.size());
        for (PlannedEdit edit : edits) {
            others.add(new PlannedEdit(edit.edit().renumbered(runs), edit.point(), edit.inherited()));
        }
        Rebased moved = rebased == null ? null : new Rebased(runs.applyAsInt(rebased.from()), rebased.layer());
        return new PlannedCell(runs.applyAsInt(run), others, MetricRequest.renumbered(readings, runs), moved, rows);
    }
}
