package dev.kausal.engine.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * Everything that an executor needs to compute a set of cells: data only, apart from the author's own functions.
 *
 * @param runs prompts with the edits that belong to them
 * @param cells numbers to compute, in the order of the answer
 */
public record SweepPlan(List<Run> runs, List<Cell> cells) {
    public SweepPlan {
        runs = List.copyOf(runs);
        cells = List.copyOf(cells);
    }

    /** Rows × layers that one whole pass per cell computes. */
    public long plainRowLayers(int layers) {
        return cells.stream()
                .mapToLong(cell -> (long) runs.get(cell.run()).length() * layers)
                .sum();
    }

    /** Several plans as one: the runs and cells of the first, then of the second, and so on. */
    public static SweepPlan joined(List<SweepPlan> plans) {
        List<Run> runs = new ArrayList<>();
        List<Cell> cells = new ArrayList<>();
        for (SweepPlan plan : plans) {
            int before = runs.size();
            plan.runs().forEach(run -> runs.add(run.with(moved(run.edits(), before))));
            plan.cells()
                    .forEach(cell -> cells.add(new Cell(
                            cell.run() + before,
                            moved(cell.edits(), before),
                            cell.metric().moved(run -> run + before))));
        }
        return new SweepPlan(runs, cells);
    }

    private static List<Edit> moved(List<Edit> edits, int by) {
        return edits.stream().map(edit -> edit.moved(run -> run + by)).toList();
    }
}
