package dev.kausal.engine.exec;

import dev.kausal.engine.forward.Positions;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.Sizes;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.plan.rewrite.Rewrites;
import dev.kausal.engine.tensor.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/** Computes only the rows that an intervention can change, for all cells together; see {@link CompiledPlan}. */
public final class BatchedExecutor implements Executor {
    private final long budget;

    /**
     * Creates an executor with a memory budget.
     *
     * @param budget bytes for base runs and wavefronts beyond the weights
     */
    public BatchedExecutor(long budget) {
        this.budget = budget;
    }

    @Override
    public String name() {
        return "wave";
    }

    @Override
    public List<CellOutcome> execute(HookedModel model, SweepPlan plan, IntConsumer progress) {
        Torch.inference();
        plan.check(model.config());
        Sizes sizes = new Sizes(model.config());
        CompiledPlan compiled = Rewrites.within(
                        budget, Torch.threads(), model.device().tuning())
                .compile(plan, model.points(), sizes)
                .made();
        CellOutcome[] outcomes = new CellOutcome[plan.cells().size()];
        Progress told = new Progress(progress);
        Positions positions = new Positions(model.config());
        try (PlainSources means = PlainSources.means(model, compiled)) {
            for (CompiledPlan.Batch batch : compiled.batches()) {
                try (BatchExecution run = new BatchExecution(model, positions, compiled, batch, means)) {
                    run.execute(outcomes, told);
                }
            }
        }
        return Arrays.asList(outcomes);
    }
}
