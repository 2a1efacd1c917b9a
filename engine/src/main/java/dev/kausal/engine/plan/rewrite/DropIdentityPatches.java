package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedEdit;
import dev.kausal.engine.plan.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Drops an edit that writes values that the run has there already, and rows of a patched edge whose writer puts out the
 * same in both runs.
 */
final class DropIdentityPatches implements Rewrite {
    private final Spread spread;

    DropIdentityPatches(Spread spread) {
        this.spread = spread;
    }

    @Override
    public String name() {
        return "drop identity patches";
    }

    @Override
    public String reason() {
        return "a run's own activations, or those of a run with the same tokens up to there, change nothing";
    }

    @Override
    public CompiledPlan apply(CompiledPlan plan) {
        return plan.mapped(cell -> without(plan, cell));
    }

    @SuppressWarnings("ReferenceEquality") // An edit that is not trimmed is itself.
    private PlannedCell without(CompiledPlan plan, PlannedCell cell) {
        List<PlannedEdit> kept = new ArrayList<>(cell.edits());
        // In the order of the pass: whether rows are clean at an edit depends only on earlier edits.
        for (PlannedEdit edit : cell.edits()) {
            if (!edit.inherited() && putsBack(plan, cell, edit) && cleanAt(plan, cell, edit, kept)) {
                kept.remove(edit);
            }
        }
        int length = plan.runs().get(cell.run()).length();
        boolean same = kept.size() == cell.edits().size();
        List<PlannedEdit> trimmed = new ArrayList<>(kept.size());
        for (PlannedEdit edit : kept) {
            Optional<PlannedEdit> rest = new EqualPrefix(plan, spread).trimmed(edit, length);
            same &= rest.isPresent() && rest.get() == edit;
            rest.ifPresent(trimmed::add);
        }
        return same ? cell : cell.with(trimmed);
    }

    private boolean putsBack(CompiledPlan plan, PlannedCell cell, PlannedEdit edit) {
        Optional<FromRun> copied = edit.edit().replacement().copied();
        return copied.isPresent() && putsBack(plan, cell, edit, copied.get());
    }

    private boolean putsBack(CompiledPlan plan, PlannedCell cell, PlannedEdit edit, FromRun from) {
        int length = plan.runs().get(cell.run()).length();
        PositionRange rows = edit.edit().rows();
        if (!rows.equals(from.rows())) {
            return false;
        }
        if (from.run() == cell.run()) {
            return true;
        }
        // Scores and patterns have a column per position of the whole prompt, so lengths must agree too.
        boolean whole = rows.all() || edit.point().kind().attention();
        Run base = plan.runs().get(cell.run());
        Run source = plan.runs().get(from.run());
        boolean fits = source.length() > edit.last(length) && (!whole || source.length() == length);
        return fits && edit.last(length) < spread.equalPrefix(base, source);
    }

    /** Returns whether no edit made before {@code edit} can have changed its rows. */
    private boolean cleanAt(CompiledPlan plan, PlannedCell cell, PlannedEdit edit, List<PlannedEdit> kept) {
        List<PlannedEdit> before = kept.subList(0, indexOf(kept, edit));
        int length = plan.runs().get(cell.run()).length();
        int first = spread.firstDirtyBefore(before, edit, length);
        return edit.last(length) < first;
    }

    @SuppressWarnings("ReferenceEquality") // the edit itself: a cell may hold an equal one twice
    private static int indexOf(List<PlannedEdit> edits, PlannedEdit edit) {
        for (int i = 0; i < edits.size(); i++) {
            if (edits.get(i) == edit) {
                return i;
            }
        }
        throw new IllegalStateException("an edit is no longer in its list");
    }
}
