package dev.kausal.engine.plan;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.metrics.MetricException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Everything an executor needs to compute a set of cells: data only, apart from a script's own functions.
 *
 * @param runs prompts with the edits that belong to them
 * @param cells numbers to compute, in the order of the outcomes; a copy, or {@link Cells} as they are
 * @param others for a run, the run from whose input embedding integrated gradients go to its own; empty if no cell is
 *     estimated so
 */
public record SweepPlan(List<Run> runs, List<Cell> cells, Map<Integer, Integer> others) {
    public SweepPlan {
        runs = List.copyOf(runs);
        cells = Cells.of(cells);
        others = Map.copyOf(others);
    }

    /** Creates a plan without integrated gradients. */
    public SweepPlan(List<Run> runs, List<Cell> cells) {
        this(runs, cells, Map.of());
    }

    /**
     * Checks that a model can compute the metrics.
     *
     * @throws dev.kausal.engine.metrics.MetricException if it cannot
     */
    public void check(ModelConfig config) {
        Cells all = Cells.of(cells);
        Metric last = null;
        int lastRun = -1;
        for (int i = 0; i < all.size(); i++) {
            Metric metric = all.metric(i);
            int run = all.run(i);
            if (!metric.equals(last) || run != lastRun) {
                MetricException.check(config, metric, runs.get(run).length());
            }
            last = metric;
            lastRun = run;
        }
    }

    /**
     * Returns whether it is pure data, computable by another process: no edit and no metric calls a function of the
     * script.
     */
    public boolean portable() {
        return Stream.concat(
                                runs.stream().flatMap(run -> run.edits().stream()),
                                cells.stream().flatMap(cell -> cell.edits().stream()))
                        .noneMatch(edit -> edit.replacement().callsScript())
                && cells.stream().noneMatch(cell -> cell.metric().callsScript());
    }

    /** Returns the same runs with some of the cells. */
    public SweepPlan part(int first, int last) {
        return new SweepPlan(runs, Cells.of(cells).part(first, last), others);
    }

    /** Returns the rows × layers of one whole pass per cell. */
    public long plainRowLayers(int layers) {
        long rows = 0;
        Cells all = Cells.of(cells);
        for (int i = 0; i < all.size(); i++) {
            rows += runs.get(all.run(i)).length();
        }
        return rows * layers;
    }

    /** Joins several plans: the runs and cells of the first, then of the second, and so on. */
    public static SweepPlan joined(List<SweepPlan> plans) {
        if (plans.size() == 1) {
            return plans.get(0);
        }
        List<Run> runs = new ArrayList<>();
        Map<Integer, Integer> others = new HashMap<>();
        for (SweepPlan plan : plans) {
            int before = runs.size();
            plan.runs().forEach(run -> runs.add(run.with(renumbered(run.edits(), before))));
            plan.others().forEach((run, other) -> others.put(run + before, other + before));
        }
        return new SweepPlan(runs, Cells.joined(plans), others);
    }

    static List<Edit> renumbered(List<Edit> edits, int by) {
        return edits.stream().map(edit -> edit.renumbered(run -> run + by)).toList();
    }
}
