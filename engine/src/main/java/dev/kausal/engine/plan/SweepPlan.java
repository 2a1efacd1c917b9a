package dev.kausal.engine.plan;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.edits.Edit;
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
 * @param cells numbers to compute, in the order of the outcomes
 * @param others for a run, the run from whose input embedding integrated gradients go to its own; empty if no cell is
 *     estimated so
 */
public record SweepPlan(List<Run> runs, List<Cell> cells, Map<Integer, Integer> others) {
    public SweepPlan {
        runs = List.copyOf(runs);
        cells = List.copyOf(cells);
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
        cells.forEach(cell -> MetricException.check(
                config, cell.metric(), runs.get(cell.run()).length()));
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
        return new SweepPlan(runs, cells.subList(first, last + 1), others);
    }

    /** Returns the rows × layers of one whole pass per cell. */
    public long plainRowLayers(int layers) {
        return cells.stream()
                .mapToLong(cell -> (long) runs.get(cell.run()).length() * layers)
                .sum();
    }

    /** Joins several plans: the runs and cells of the first, then of the second, and so on. */
    public static SweepPlan joined(List<SweepPlan> plans) {
        List<Run> runs = new ArrayList<>();
        List<Cell> cells = new ArrayList<>();
        Map<Integer, Integer> others = new HashMap<>();
        for (SweepPlan plan : plans) {
            int before = runs.size();
            plan.runs().forEach(run -> runs.add(run.with(renumbered(run.edits(), before))));
            plan.others().forEach((run, other) -> others.put(run + before, other + before));
            plan.cells()
                    .forEach(cell -> cells.add(new Cell(
                            cell.run() + before,
                            renumbered(cell.edits(), before),
                            cell.metric().renumbered(run -> run + before))));
        }
        return new SweepPlan(runs, cells, others);
    }

    private static List<Edit> renumbered(List<Edit> edits, int by) {
        return edits.stream().map(edit -> edit.renumbered(run -> run + by)).toList();
    }
}
