package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedEdit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Drops an edit that writes values that the run has there already, and rows of a patched edge whose writer puts out the
 * same in both runs.
 */
final class DropIdentityPatches implements CellRewrite {
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
    public UnaryOperator<PlannedCell> of(CompiledPlan plan) {
        return new Dropping(plan)::without;
    }

    /** Drops edits of one plan's cells. */
    private final class Dropping {
        private final CompiledPlan plan;
        private final EqualPrefix edges;
        private final int[] lengths;
        /** By run and source, how many positions are equal. */
        private final Map<Long, Integer> prefixes = new HashMap<>();

        private long lastPair = -1;
        private int lastPrefix;

        Dropping(CompiledPlan plan) {
            this.plan = plan;
            this.edges = new EqualPrefix(plan, spread);
            this.lengths = plan.lengths();
        }

        @SuppressWarnings("ReferenceEquality") // An edit that is not trimmed is itself.
        PlannedCell without(PlannedCell cell) {
            List<PlannedEdit> kept = cell.edits();
            // In the order of the pass: whether rows are clean at an edit depends only on earlier edits.
            for (PlannedEdit edit : cell.edits()) {
                if (!edit.inherited() && putsBack(cell, edit) && cleanAt(cell, edit, kept)) {
                    kept = others(kept, edit);
                }
            }
            int length = lengths[cell.run()];
            boolean same = kept.size() == cell.edits().size();
            List<PlannedEdit> trimmed = kept;
            for (int i = kept.size() - 1; i >= 0; i--) {
                PlannedEdit edit = kept.get(i);
                if (edit.edit().replacement().edge().isPresent()) {
                    Optional<PlannedEdit> rest = edges.trimmed(edit, length);
                    if (rest.isEmpty() || rest.get() != edit) {
                        same = false;
                        trimmed = trimmed == kept ? new ArrayList<>(kept) : trimmed;
                        trimmed.remove(i);
                        int place = i;
                        List<PlannedEdit> others = trimmed;
                        rest.ifPresent(other -> others.add(place, other));
                    }
                }
            }
            return same ? cell : cell.with(trimmed);
        }

        private boolean putsBack(PlannedCell cell, PlannedEdit edit) {
            Optional<FromRun> copied = edit.edit().replacement().copied();
            return copied.isPresent() && putsBack(cell, edit, copied.get());
        }

        private boolean putsBack(PlannedCell cell, PlannedEdit edit, FromRun from) {
            PositionRange rows = edit.edit().rows();
            if (rows.first() != from.rows().first()
                    || rows.last() != from.rows().last()) {
                return false;
            }
            if (from.run() == cell.run()) {
                return true;
            }
            // Scores and patterns have a column per position of the whole prompt, so lengths must agree too.
            boolean whole = rows.all() || edit.point().kind().attention();
            int length = lengths[cell.run()];
            int ofSource = lengths[from.run()];
            boolean fits = ofSource > edit.last(length) && (!whole || ofSource == length);
            return fits && edit.last(length) < equalPrefix(cell.run(), from.run());
        }

        private int equalPrefix(int run, int source) {
            long pair = (long) run << 32 | source;
            if (pair != lastPair) {
                lastPrefix = prefixes.computeIfAbsent(
                        pair,
                        key -> spread.equalPrefix(
                                plan.runs().get(run), plan.runs().get(source)));
                lastPair = pair;
            }
            return lastPrefix;
        }

        /** Returns whether no edit made before {@code edit} can have changed its rows. */
        @SuppressWarnings("ReferenceEquality") // the edit itself: a cell may hold an equal one twice
        private boolean cleanAt(PlannedCell cell, PlannedEdit edit, List<PlannedEdit> kept) {
            if (kept.get(0) == edit) {
                return true;
            }
            List<PlannedEdit> before = kept.subList(0, indexOf(kept, edit));
            int length = lengths[cell.run()];
            return edit.last(length) < spread.firstDirtyBefore(before, edit, length);
        }
    }

    private static List<PlannedEdit> others(List<PlannedEdit> edits, PlannedEdit edit) {
        if (edits.size() == 1) {
            return List.of();
        }
        List<PlannedEdit> left = new ArrayList<>(edits);
        left.remove(indexOf(edits, edit));
        return left;
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
