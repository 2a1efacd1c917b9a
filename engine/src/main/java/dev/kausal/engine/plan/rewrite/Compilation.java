package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.Cost;
import dev.kausal.engine.plan.CostCount;
import dev.kausal.engine.plan.NeededRuns;
import dev.kausal.engine.plan.PlannedCell;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Applies rewrites to a plan. Those of single cells wait for the next one that needs all cells; then each cell passes
 * them one after another, and is counted after each. So cells are walked as often as rewrites need all of them, and none
 * is kept.
 */
final class Compilation {
    private final boolean counted;
    /** Costs before all rewrites, and after each. */
    private final List<Cost> costs = new ArrayList<>();

    private final List<Waiting> waiting = new ArrayList<>();
    /** Plan whose cells the next walk begins with. */
    private CompiledPlan start;
    /** The same after the rewrites that wait. */
    private CompiledPlan plan;
    /** Number of costs that are those of {@link #start}. */
    private int open = 1;

    private record Waiting(UnaryOperator<PlannedCell> change, CompiledPlan plan) {}

    /**
     * Starts with a plan.
     *
     * @param counted whether costs are counted
     */
    Compilation(CompiledPlan plain, boolean counted) {
        this.start = plain;
        this.plan = plain;
        this.counted = counted;
    }

    /** Applies rules, the last of which needs all cells; returns the result. */
    CompiledPlan apply(List<Rewrite> rules) {
        for (Rewrite rule : rules) {
            if (rule instanceof CellRewrite each) {
                UnaryOperator<PlannedCell> change = each.of(plan);
                plan = each.marked(plan.mapped(change));
                waiting.add(new Waiting(change, plan));
            } else if (rule instanceof AllCells all) {
                walk(all);
            } else {
                // Of the runs: what single cells cost stays as it is.
                plan = rule.apply(plan);
                start = plan;
                open++;
            }
        }
        if (!waiting.isEmpty()) {
            throw new IllegalStateException(waiting.size() + " rewrites wait for one that needs all cells");
        }
        return plan;
    }

    private void walk(AllCells rule) {
        NeededRuns bases = new NeededRuns(plan.runs());
        List<CostCount> counts = new ArrayList<>();
        counts.add(new CostCount(start, bases));
        waiting.forEach(step -> counts.add(new CostCount(step.plan(), bases)));
        AllCells.Walked walked = rule.over(plan);
        for (PlannedCell first : start.cells()) {
            PlannedCell cell = first;
            add(cell, counts.get(0));
            for (int step = 0; step < waiting.size(); step++) {
                cell = waiting.get(step).change().apply(cell);
                add(cell, counts.get(step + 1));
            }
            if (counted && plan.shared()) {
                bases.add(cell);
            }
            walked.add(cell);
        }
        start = walked.rewritten(plan);
        if (counted) {
            for (int i = 0; i < open; i++) {
                costs.add(counts.get(0).total());
            }
            counts.subList(1, counts.size()).forEach(count -> costs.add(count.total()));
        }
        open = 1;
        if (counted && !start.batches().isEmpty()) {
            costs.add(counts.get(counts.size() - 1).total(start));
            open = 0;
        }
        plan = start;
        waiting.clear();
    }

    private void add(PlannedCell cell, CostCount count) {
        if (counted) {
            count.add(cell);
        }
    }

    /** Returns the costs before all rewrites, and after each. */
    List<Cost> costs() {
        return costs;
    }
}
