package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.plan.Part;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedEdit;
import dev.kausal.engine.plan.Rows;
import dev.kausal.engine.plan.Value;
import dev.kausal.engine.plan.WavePlan;
import java.util.List;

/** A cell whose first edit puts another run's whole residual stream in place is a cell on that run. */
final class RebaseWholeStreams implements Rewrite {
    @Override
    public String name() {
        return "start whole-stream patches from their source";
    }

    @Override
    public String reason() {
        return "everything after the patched layer is the source run's, exactly";
    }

    @Override
    public WavePlan apply(WavePlan plan) {
        return plan.with(plan.cells().stream().map(cell -> rebased(plan, cell)).toList());
    }

    private PlannedCell rebased(WavePlan plan, PlannedCell cell) {
        if (cell.edits().isEmpty()
                || cell.rebased() != null
                || !plan.runs().get(cell.run()).edits().isEmpty()) {
            return cell;
        }
        if (cell.readings().stream().anyMatch(reading -> reading.metric().everyPosition())) {
            return cell; // A loss is of the prompt's own tokens, which the other run has not.
        }
        PlannedEdit first = cell.edits().get(0);
        if (!(first.edit().value() instanceof Value.FromRun from)
                || first.point().kind() != HookKind.RESID_PRE
                || !(first.edit().part() instanceof Part.All)) {
            return cell;
        }
        int length = plan.runs().get(cell.run()).length();
        boolean whole = whole(first.edit().rows(), length)
                && whole(from.rows(), plan.runs().get(from.run()).length())
                && plan.runs().get(from.run()).length() == length
                && plan.runs().get(from.run()).read()
                        == plan.runs().get(cell.run()).read()
                && plan.runs().get(from.run()).edits().isEmpty();
        if (!whole) {
            return cell;
        }
        List<PlannedEdit> rest = cell.edits().subList(1, cell.edits().size());
        return new PlannedCell(
                from.run(),
                rest,
                cell.readings(),
                new PlannedCell.Rebased(cell.run(), first.point().layer()),
                cell.rows());
    }

    private static boolean whole(Rows rows, int length) {
        return rows.all() || (rows.first() == 0 && rows.last() == length - 1);
    }
}
