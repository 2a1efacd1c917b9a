package dev.kausal.engine.plan;

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
                .mapToLong(cell -> (long) runs.get(cell.run()).ids().length * layers)
                .sum();
    }
}
