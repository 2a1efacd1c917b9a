package dev.kausal.engine.exec;

import dev.kausal.engine.edits.EditException;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.SweepPlan;
import java.util.List;
import java.util.function.IntConsumer;

/** Computes the cells of a plan. {@link PlainExecutor} is the oracle that every other is tested against. */
public interface Executor {
    /**
     * Runs a plan.
     *
     * @param progress receives the number of finished cells, on the calling thread
     * @return one outcome per cell, in the plan's order
     * @throws EditException if an edit does not fit its run
     */
    List<CellOutcome> execute(HookedModel model, SweepPlan plan, IntConsumer progress);

    /** Returns the executor's name in records, such as {@code plain}. */
    String name();
}
