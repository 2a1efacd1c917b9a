package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedEdit;
import dev.kausal.engine.plan.Run;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Turns a cell whose first edit replaces the whole residual stream by another run's into a cell on that run. */
final class RebaseWholeStreams implements CellRewrite {
    @Override
    public String name() {
        return "start whole-stream patches from their source";
    }

    @Override
    public String reason() {
        return "everything after the patched layer is the source run's, exactly";
    }

    @Override
    public UnaryOperator<PlannedCell> of(CompiledPlan plan) {
        return cell -> rebased(plan, cell);
    }

    private PlannedCell rebased(CompiledPlan plan, PlannedCell cell) {
        List<PlannedEdit> own = cell.ownEdits();
        if (own.isEmpty() || own.get(0).point().kind() != HookKind.RESID_PRE) {
            return cell;
        }
        // A loss concerns the prompt's own tokens, which the other run lacks.
        boolean reads =
                cell.readings().stream().noneMatch(reading -> reading.metric().ofOwnTokens());
        if (cell.rebased() != null || !reads || !overwritten(cell, own.get(0))) {
            return cell;
        }
        PlannedEdit first = own.get(0);
        Optional<FromRun> copied = first.edit().replacement().copied();
        if (copied.isEmpty() || !first.edit().part().whole()) {
            return cell;
        }
        FromRun from = copied.get();
        Run edited = plan.runs().get(cell.run());
        Run source = plan.runs().get(from.run());
        boolean whole = whole(first.edit().rows(), edited.length())
                && whole(from.rows(), source.length())
                && source.length() == edited.length()
                && source.read() == edited.read()
                && source.edits().isEmpty();
        if (!whole) {
            return cell;
        }
        PlannedCell.Rebased rebased =
                new PlannedCell.Rebased(cell.run(), first.point().layer());
        return new PlannedCell(from.run(), own.subList(1, own.size()), cell.readings(), rebased, cell.rows());
    }

    /** Returns whether all of the run's own edits precede the patch. */
    private static boolean overwritten(PlannedCell cell, PlannedEdit patch) {
        return cell.edits().stream()
                .filter(PlannedEdit::inherited)
                .allMatch(edit -> edit.point().index() < patch.point().index());
    }

    private static boolean whole(PositionRange rows, int length) {
        return rows.all() || (rows.first() == 0 && rows.last() == length - 1);
    }
}
