package dev.kausal.engine.plan;

/**
 * The cost of a plan.
 *
 * @param passes number of base runs and cells that compute anything
 * @param rowLayers rows × layers
 * @param unembedded rows × tokens multiplied by the unembedding
 * @param flops floating-point operations
 * @param groups number of groups of cells that pass the layers together
 * @param passedLayers layers that base runs and groups pass, reading all weights of each
 * @param peakBytes peak memory: weights, base runs and the largest groups that run in parallel
 */
public record Cost(
        long passes, long rowLayers, double unembedded, double flops, long groups, long passedLayers, long peakBytes) {
    /** Sums the costs of a plan. */
    public static Cost of(CompiledPlan plan) {
        NeededRuns bases = new NeededRuns(plan.runs());
        CostCount count = new CostCount(plan, bases);
        for (PlannedCell cell : plan.cells()) {
            count.add(cell);
            if (plan.shared()) {
                bases.add(cell);
            }
        }
        return plan.batches().isEmpty() ? count.total() : count.total(plan);
    }
}
