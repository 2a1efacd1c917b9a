package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.PlannedCell;
import java.util.function.UnaryOperator;

/** A rewrite that changes each cell by itself, and leaves what is read from it. */
interface CellRewrite extends Rewrite {
    /** Returns what it does to a cell of a plan of these runs; a cell that it leaves as it is, itself. */
    UnaryOperator<PlannedCell> of(CompiledPlan plan);

    /** Returns {@code plan} with what it states of the plan as a whole, apart from its cells. */
    default CompiledPlan marked(CompiledPlan plan) {
        return plan;
    }

    @Override
    default CompiledPlan apply(CompiledPlan plan) {
        return marked(plan.mapped(of(plan)));
    }
}
