package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedCells;

/** Computes cells with the same edits of the same run once, whatever is read from them. */
final class MergeEqualCells implements AllCells {
    @Override
    public String name() {
        return "merge equal cells";
    }

    @Override
    public String reason() {
        return "the same edits of the same run give the same logits; a script's functions never count as equal";
    }

    @Override
    public Walked over(CompiledPlan plan) {
        PlannedCells cells = plan.planned();
        DistinctCells distinct = new DistinctCells(cells::get);
        return new Walked() {
            @Override
            public void add(PlannedCell cell) {
                distinct.add(cell);
            }

            @Override
            public CompiledPlan rewritten(CompiledPlan after) {
                return distinct.all() ? after : after.with(MergedCells.of(after.planned(), distinct.places()));
            }
        };
    }
}
