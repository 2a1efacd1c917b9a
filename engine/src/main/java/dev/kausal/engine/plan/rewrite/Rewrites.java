package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.Cost;
import dev.kausal.engine.plan.Sizes;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Tuning;
import java.util.ArrayList;
import java.util.List;

/** The sweep compiler: all rewrites, in the order in which they build on each other. */
public final class Rewrites {
    private final long budget;
    private final int threads;
    private final Tuning tuning;

    private Rewrites(long budget, int threads, Tuning tuning) {
        this.budget = budget;
        this.threads = threads;
        this.tuning = tuning;
    }

    /**
     * Returns the rewrites for a model with {@code budget} bytes beyond its weights, {@code threads} threads and a
     * device of this tuning.
     *
     * @throws IllegalArgumentException if budget or threads are not positive
     */
    public static Rewrites within(long budget, int threads, Tuning tuning) {
        if (budget <= 0) {
            throw new IllegalArgumentException("no memory left for a sweep: the budget is " + budget + " bytes");
        }
        if (threads <= 0) {
            throw new IllegalArgumentException("a sweep needs at least 1 thread, not " + threads);
        }
        return new Rewrites(budget, threads, tuning);
    }

    private List<Rewrite> rules(Sizes sizes) {
        Spread spread = sizes.config().attention().causal() ? Spread.CAUSAL : Spread.BIDIRECTIONAL;
        return List.of(
                // Merge runs first: later rules compare runs by index.
                new MergeEqualRuns(),
                // Reduce edits before cells are compared.
                new DropIdentityPatches(spread),
                new RebaseWholeStreams(),
                // A rebased cell may have patches from its new run.
                new DropIdentityPatches(spread),
                new MergeEqualCells(),
                // From here on the cells are fixed, and only their rows shrink.
                new KeepDirtyRows(spread),
                new NarrowLastLayer(),
                new UnembedReadTokens(),
                new CutGroups(budget, threads, tuning));
    }

    /** An applied rewrite, and the plan's cost after it. */
    public record Step(Rewrite rewrite, Cost cost) {}

    /**
     * A compiled plan with its rewrites.
     *
     * @param before cost of one whole pass per cell
     * @param steps one per rewrite
     * @param plan the result
     */
    public record Compiled(Cost before, List<Step> steps, CompiledPlan plan) {}

    /** Compiles a sweep and reports the cost after every rewrite. */
    public Compiled explained(SweepPlan sweep, HookPoints points, Sizes sizes) {
        Compilation compilation = new Compilation(CompiledPlan.plain(sweep, points, sizes), true);
        List<Rewrite> rules = rules(sizes);
        CompiledPlan plan = compilation.apply(rules);
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            steps.add(new Step(rules.get(i), compilation.costs().get(i + 1)));
        }
        return new Compiled(compilation.costs().get(0), steps, plan);
    }

    /** Compiles a sweep. */
    public CompiledPlan compile(SweepPlan sweep, HookPoints points, Sizes sizes) {
        return new Compilation(CompiledPlan.plain(sweep, points, sizes), false).apply(rules(sizes));
    }
}
