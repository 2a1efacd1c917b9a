package dev.kausal.engine.estimates;

import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.plan.Cell;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/**
 * One pass of a run that gradients are taken in.
 *
 * <p>A cell with edits at several sites fixes what is edited later in the pass, so that earlier edits have no effect
 * through it: no gradient flows back from there. Most cells edit one site, and those of one run share a pass.
 *
 * @param run index of the run
 * @param metric what gradients are taken of
 * @param fixed entries that gradients do not flow back from
 */
record Variant(int run, Metric metric, Set<Entries> fixed) {
    /** Rows and units of a site. */
    record Entries(String site, PositionRange rows, Part part) {
        private static Entries of(Edit edit) {
            return new Entries(edit.site(), edit.rows(), edit.part());
        }
    }

    /** Returns the pass that a cell's estimate needs. */
    static Variant of(Cell cell, HookPoints points) {
        int first = cell.edits().stream()
                .filter(edit -> !keeps(edit, cell.run()))
                .mapToInt(edit -> points.named(edit.site()).index())
                .min()
                .orElse(Integer.MAX_VALUE);
        Set<Entries> fixed = new LinkedHashSet<>();
        if (first != Integer.MAX_VALUE) {
            for (Edit edit : cell.edits()) {
                boolean later = points.named(edit.site()).index() > first;
                if (!edit.replacement().adds() && (later || keeps(edit, cell.run()))) {
                    fixed.add(Entries.of(edit));
                }
            }
        }
        return new Variant(cell.run(), cell.metric(), Set.copyOf(fixed));
    }

    /** Returns whether an edit writes the run's own values. */
    static boolean keeps(Edit edit, int run) {
        return edit.replacement().copied().equals(Optional.of(new FromRun(run, edit.rows())));
    }
}
