package dev.kausal.engine.plan;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

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
        return new Count(plan).total();
    }

    private static final class Count {
        private final CompiledPlan plan;
        private long passes;
        private long rowLayers;
        private double unembedded;
        private double flops;
        private final Set<Integer> tokens = new HashSet<>();

        Count(CompiledPlan plan) {
            this.plan = plan;
        }

        Cost total() {
            if (plan.shared()) {
                bases().forEach(run ->
                        rows(plan.runs().get(run).length(), plan.sizes().layers()));
            }
            for (PlannedCell cell : plan.cells()) {
                if (!cell.rows().clean()) {
                    passes++;
                    rowLayers += cell.rows().rowLayers();
                    flops += cell.rows().rowLayers()
                            * plan.sizes().rowFlops(cell.rows().length());
                }
                unembed(cell);
            }
            return new Cost(passes, rowLayers, unembedded, flops, groups(), passedLayers(), peak());
        }

        private void rows(int length, int layers) {
            passes++;
            rowLayers += (long) length * layers;
            flops += (double) length * layers * plan.sizes().rowFlops(length);
        }

        private Set<Integer> bases() {
            Set<Integer> runs = new TreeSet<>();
            for (PlannedCell cell : plan.cells()) {
                PlanDependencies.addRuns(plan, cell, runs);
            }
            return runs;
        }

        private void unembed(PlannedCell cell) {
            long vocabulary = plan.sizes().config().outputs();
            tokens.clear();
            double most = 0;
            for (MetricRequest reading : cell.readings()) {
                List<Integer> read = plan.tokensOnly() ? reading.metric().tokens() : List.of();
                tokens.addAll(read);
                if (read.isEmpty()) {
                    most = Math.max(
                            most, (double) reading.metric().rows(cell.rows().length()) * vocabulary);
                }
            }
            double values = Math.max(most, tokens.size());
            unembedded += values;
            flops += values * plan.sizes().unembedFlops(1);
        }

        private long groups() {
            return plan.batches().isEmpty()
                    ? plan.cells().size()
                    : plan.batches().stream()
                            .mapToLong(batch -> batch.groups().size())
                            .sum();
        }

        private long passedLayers() {
            long layers = plan.sizes().layers();
            if (plan.batches().isEmpty()) {
                return passes * layers;
            }
            long ofBases = plan.shared() ? layers * plan.batches().size() : 0;
            return ofBases
                    + plan.batches().stream()
                            .flatMap(batch -> batch.groups().stream())
                            .mapToLong(group -> layers - first(group))
                            .sum();
        }

        /** Returns the first layer that a group passes; the number of layers if none of its cells computes anything. */
        private long first(List<Integer> group) {
            return group.stream()
                    .map(cell -> plan.cells().get(cell).rows())
                    .filter(rows -> !rows.clean())
                    .mapToLong(rows -> Math.max(0, rows.birth()))
                    .min()
                    .orElse(plan.sizes().layers());
        }

        private long peak() {
            long largest = plan.batches().isEmpty()
                    ? plan.cells().stream()
                            .mapToLong(cell -> PlanDependencies.rowBytes(plan, cell))
                            .max()
                            .orElse(0)
                    : plan.batches().stream().mapToLong(this::batch).max().orElse(0);
            return plan.sizes().heldBytes() + largest;
        }

        private long batch(CompiledPlan.Batch batch) {
            long groups = batch.groups().stream()
                    .mapToLong(group -> group.stream()
                            .mapToLong(cell ->
                                    PlanDependencies.rowBytes(plan, plan.cells().get(cell)))
                            .sum())
                    .sorted()
                    .skip(Math.max(0, batch.groups().size() - plan.lanes()))
                    .sum();
            return groups + PlanDependencies.baseBytes(plan, batch);
        }
    }
}
