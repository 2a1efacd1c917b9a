package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.tensor.Tuning;

/**
 * Groups cells that pass the layers together, as many as fit in memory and speed up matrix products, and runs as many
 * groups in parallel as there are threads.
 */
final class CutGroups implements AllCells {
    private final long budget;
    private final int threads;
    private final Tuning tuning;

    /**
     * Creates groups for {@code budget} bytes beyond the weights, {@code threads} threads and a device of this tuning.
     */
    CutGroups(long budget, int threads, Tuning tuning) {
        this.budget = budget;
        this.threads = threads;
        this.tuning = tuning;
    }

    @Override
    public String name() {
        return "pass the layers in groups";
    }

    @Override
    public String reason() {
        return "each weight is read once per group, large products run near the processor's peak, and cores with"
                + " separate groups do not wait for each other";
    }

    @Override
    public Walked over(CompiledPlan plan) {
        CellFacts facts = new CellFacts(plan);
        return new Walked() {
            @Override
            public void add(PlannedCell cell) {
                facts.add(cell);
            }

            @Override
            public CompiledPlan rewritten(CompiledPlan after) {
                CompiledPlan settled = after.with(after.planned().withRows(facts.rows()));
                int lanes = lanes(facts);
                return settled.withBatches(lanes, new Cut(settled, facts, budget, lanes, tuning).batches());
            }
        };
    }

    /**
     * Returns the number of lanes; 1 for a script's functions, which may keep state and are never called by two
     * threads.
     */
    private int lanes(CellFacts facts) {
        if (facts.callScript()) {
            return 1;
        }
        long held = budget / 2 / Math.max(1, facts.largest());
        return (int) Math.max(1, Math.min(held, Math.min(threads, tuning.mostLanes())));
    }
}
