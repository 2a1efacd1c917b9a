package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.edits.EdgeFromRun;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.PlannedEdit;
import dev.kausal.engine.plan.Run;
import java.util.List;
import java.util.Optional;

/** The first rows of patched edges, in which writers put out the same in both runs. */
final class EqualPrefix {
    private final CompiledPlan plan;
    private final Spread spread;

    EqualPrefix(CompiledPlan plan, Spread spread) {
        this.plan = plan;
        this.spread = spread;
    }

    /** Returns the edit without such rows; empty if none is left. Edits other than {@link EdgeFromRun} stay. */
    Optional<PlannedEdit> trimmed(PlannedEdit planned, int length) {
        Edit edit = planned.edit();
        Optional<EdgeFromRun> edge =
                planned.inherited() ? Optional.empty() : edit.replacement().edge();
        if (edge.isEmpty() || !aligned(edit, edge.get())) {
            return Optional.of(planned);
        }
        int first = of(edge.get().other().run(), edge.get().own().run());
        int last = planned.last(length);
        if (first > last) {
            return Optional.empty();
        }
        if (first <= planned.first()) {
            return Optional.of(planned);
        }
        PositionRange rows = new PositionRange(first, last);
        Edit rest = new Edit(edit.site(), rows, edit.part(), edge.get().at(rows));
        return Optional.of(new PlannedEdit(rest, planned.point(), false));
    }

    private boolean aligned(Edit edit, EdgeFromRun edge) {
        return edge.other().rows().equals(edit.rows())
                && edge.own().rows().equals(edit.rows())
                && run(edge.other().run()).length() == run(edge.own().run()).length();
    }

    /** Returns how many positions at the start of two runs have the same activations at every point. */
    private int of(int a, int b) {
        if (a == b) {
            return run(a).length();
        }
        int inputs = spread.equalPrefix(unedited(a), unedited(b));
        return Math.min(inputs, Math.min(firstEdited(a), firstEdited(b)));
    }

    /** Returns the first position that the run's own edits can change. */
    private int firstEdited(int run) {
        int first = run(run).length();
        for (Edit edit : run(run).edits()) {
            int start = edit.rows().first();
            Optional<EdgeFromRun> edge = edit.replacement().edge();
            if (edge.isPresent() && aligned(edit, edge.get())) {
                start = Math.max(
                        start, of(edge.get().other().run(), edge.get().own().run()));
            }
            first = Math.min(first, start);
        }
        return first;
    }

    private Run unedited(int run) {
        return run(run).with(List.of());
    }

    private Run run(int index) {
        return plan.runs().get(index);
    }
}
