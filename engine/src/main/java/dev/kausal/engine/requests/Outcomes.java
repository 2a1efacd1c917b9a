package dev.kausal.engine.requests;

import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.SweepPlan;
import java.util.List;

/**
 * Outcomes of the cells of a plan, in its order.
 *
 * @param budget bytes beyond the weights
 */
public record Outcomes(SweepPlan plan, long budget) implements Request<List<CellOutcome>> {
    @Override
    public List<CellOutcome> of(HookedModel model) {
        return new BatchedExecutor(budget).execute(model, plan, done -> {});
    }
}
