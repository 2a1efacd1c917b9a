package dev.kausal.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.family.LayerWeights;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.Cost;
import dev.kausal.engine.plan.DirtyRows;
import dev.kausal.engine.plan.Sizes;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.plan.rewrite.Rewrites;
import dev.kausal.engine.tensor.ParallelGroups;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.tensor.Tuning;
import dev.kausal.engine.tensor.WeightMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The matrix products with weights that a compiled sweep makes, and nothing else: measures the machine's matrix-product
 * rate at the sweep's own row counts, on as many lanes.
 */
final class Products {
    private record Step(int layer, int in, int out) {}

    /** The runs of a batch, which share all threads, and then its groups, in lanes. */
    private record Wave(List<Step> runs, List<List<Step>> groups) {}

    private final HookedModel model;
    private final CompiledPlan plan;
    private final List<Wave> waves = new ArrayList<>();

    Products(HookedModel model, SweepPlan sweep, long budget) {
        this.model = model;
        this.plan = Rewrites.within(budget, Torch.threads(), Tuning.CPU)
                .compile(sweep, model.points(), new Sizes(model.config()));
        for (CompiledPlan.Batch batch : plan.batches()) {
            List<Step> runs = steps(batch.runs().stream()
                    .map(run -> DirtyRows.everything(plan.runs().get(run).length(), layers()))
                    .toList());
            List<List<Step>> groups = batch.groups().stream()
                    .map(group -> steps(group.stream()
                            .map(cell -> plan.cells().get(cell).rows())
                            .toList()))
                    .toList();
            waves.add(new Wave(runs, groups));
        }
    }

    private int layers() {
        return model.config().layers();
    }

    private List<Step> steps(List<DirtyRows> cells) {
        List<Step> steps = new ArrayList<>();
        for (int layer = 0; layer < layers(); layer++) {
            int now = layer;
            List<DirtyRows> there = cells.stream().filter(rows -> rows.in(now)).toList();
            int in = there.stream().mapToInt(rows -> rows.keys(now).length).sum();
            int out = there.stream().mapToInt(rows -> rows.queries(now).length).sum();
            if (in > 0) {
                steps.add(new Step(layer, in, out));
            }
        }
        return steps;
    }

    /** Returns the cost of the plan. */
    Cost cost() {
        return Cost.of(plan);
    }

    /** Returns the seconds that the products take. */
    double seconds() {
        long start = System.nanoTime();
        for (Wave wave : waves) {
            multiply(wave.runs());
            ParallelGroups.run(
                    plan.lanes(),
                    wave.groups().stream()
                            .<Runnable>map(steps -> () -> multiply(steps))
                            .toList());
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private void multiply(List<Step> steps) {
        Torch.inference();
        try (NDManager manager = Torch.manager()) {
            int most = steps.stream().mapToInt(Step::in).max().orElse(0);
            NDArray stream = manager.ones(new Shape(most, model.config().dModel()));
            NDArray heads = manager.ones(new Shape(
                    most, (long) model.config().heads() * model.config().dHead()));
            NDArray neurons = manager.ones(new Shape(most, model.config().dMlp()));
            for (Step step : steps) {
                LayerWeights w = model.weights().layers().get(step.layer());
                multiply(stream, step.in(), w.qkv());
                multiply(heads, step.out(), w.output());
                multiply(stream, step.out(), w.gate());
                multiply(stream, step.out(), w.mlpIn());
                multiply(neurons, step.out(), w.mlpOut());
            }
        }
    }

    private static void multiply(NDArray x, int rows, WeightMatrix weight) {
        if (weight == null) {
            return; // An MLP without a gate.
        }
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Objects.requireNonNull(weight.times(x.get("0:" + rows)));
        }
    }
}
