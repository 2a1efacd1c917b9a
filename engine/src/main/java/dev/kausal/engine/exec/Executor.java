package dev.kausal.engine.exec;

import dev.kausal.engine.edits.EditException;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.SweepPlan;
import java.util.List;
import java.util.function.IntConsumer;

/** Computes the cells of a plan. {@link PlainExecutor} is the oracle that any other is tested against. */
public interface Executor {
    /**
     * Runs a plan.
     *
     * @param progress receives the number of cells done so far, on the calling thread
     * @return one outcome per cell, in the plan's order
     * @throws EditException where an edit does not fit the run that it edits
     */
    List<CellOutcome> execute(HookedModel model, SweepPlan plan, IntConsumer progress);

    /** Its name in records, such as {@code plain}. */
    String name();
}
