package dev.kausal.engine.requests;

import dev.kausal.engine.exec.NonFinite;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.SweepPlan;
import java.util.Optional;

/**
 * The first activation in the pass of one cell that holds NaN or infinity.
 */
public record FirstNonFinite(SweepPlan plan, int cell) implements Request<Optional<NonFinite>> {
    @Override
    public Optional<NonFinite> of(HookedModel model) {
        return NonFinite.first(model, plan, cell);
    }
}
