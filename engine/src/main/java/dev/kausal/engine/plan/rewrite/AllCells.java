package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.PlannedCell;

/** A rewrite that sees every cell once before it knows the plan. */
interface AllCells extends Rewrite {
    /** What one rewrite learns of the cells of a plan. */
    interface Walked {
        /** Takes the next cell. */
        void add(PlannedCell cell);

        /**
         * Returns the plan once all cells are taken.
         *
         * @param plan the plan of these cells
         */
        CompiledPlan rewritten(CompiledPlan plan);
    }

    /** Starts on a plan whose cells are to come, one after another. */
    Walked over(CompiledPlan plan);

    @Override
    default CompiledPlan apply(CompiledPlan plan) {
        Walked walked = over(plan);
        plan.cells().forEach(walked::add);
        return walked.rewritten(plan);
    }
}
