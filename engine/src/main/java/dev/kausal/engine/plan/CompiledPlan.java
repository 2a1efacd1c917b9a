package dev.kausal.engine.plan;

import dev.kausal.engine.hooks.HookPoints;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a sweep will compute, as data: cells with the rows of each layer, cut into batches that fit in memory.
 *
 * <p>It begins as {@link #plain}, one whole pass per cell; each {@link dev.kausal.engine.plan.rewrite.Rewrite} makes it
 * cheaper without changing a number.
 *
 * @param sizes of the model
 * @param runs unedited prompts that cells start from or read
 * @param cells what is computed
 * @param shared whether cells start from the base runs' streams, keys and values, so that these must be computed too
 * @param tokensOnly whether only the tokens that metrics read are unembedded
 * @param lanes how many groups of a batch are computed side by side
 * @param batches cells that are computed together; empty while each is computed alone
 */
public record CompiledPlan(
        Sizes sizes,
        List<Run> runs,
        List<PlannedCell> cells,
        boolean shared,
        boolean tokensOnly,
        int lanes,
        List<Batch> batches) {
    public CompiledPlan {
        runs = List.copyOf(runs);
        cells = List.copyOf(cells);
        batches = List.copyOf(batches);
    }

    /**
     * Runs whose streams, keys and values are held while the groups on them pass.
     *
     * @param runs indices of the runs
     * @param groups indices of cells; each group goes through the layers together
     */
    public record Batch(List<Integer> runs, List<List<Integer>> groups) {
        public Batch {
            runs = List.copyOf(runs);
            groups = List.copyOf(groups);
        }
    }

    /** One whole pass per cell, one at a time. */
    public static CompiledPlan plain(SweepPlan sweep, HookPoints points, Sizes sizes) {
        List<PlannedCell> cells = new ArrayList<>();
        for (int i = 0; i < sweep.cells().size(); i++) {
            Cell cell = sweep.cells().get(i);
            Run run = sweep.runs().get(cell.run());
            List<PlannedEdit> edits = new ArrayList<>();
            run.edits().forEach(edit -> edits.add(new PlannedEdit(edit, points.named(edit.site()), true)));
            cell.edits().forEach(edit -> edits.add(new PlannedEdit(edit, points.named(edit.site()), false)));
            edits.sort(Comparator.comparingInt(edit -> edit.point().index()));
            MetricRequest reading =
                    new MetricRequest(i, cell.metric(), cell.edits().size());
            DirtyRows rows = DirtyRows.everything(run.length(), sizes.layers());
            cells.add(new PlannedCell(cell.run(), edits, List.of(reading), null, rows));
        }
        return new CompiledPlan(sizes, sweep.runs(), cells, false, false, 1, List.of());
    }

    /** Positions whose rows after the last layer a run's metrics of one position are read from, ascending. */
    public int[] rowsRead(int run) {
        return sizes.config().rowsRead(runs.get(run).length(), runs.get(run).read());
    }

    /** The same with other runs and cells. */
    public CompiledPlan with(List<Run> otherRuns, List<PlannedCell> otherCells) {
        return new CompiledPlan(sizes, otherRuns, otherCells, shared, tokensOnly, lanes, batches);
    }

    /** The same with other cells. */
    public CompiledPlan with(List<PlannedCell> others) {
        return with(runs, others);
    }

    /** The same with cells that start from the base runs' streams, keys and values. */
    public CompiledPlan withSharedBases() {
        return new CompiledPlan(sizes, runs, cells, true, tokensOnly, lanes, batches);
    }

    /** The same with only the tokens unembedded that metrics read. */
    public CompiledPlan withTokensOnly() {
        return new CompiledPlan(sizes, runs, cells, shared, true, lanes, batches);
    }

    /** The same cut into batches, {@code atOnce} groups of which are computed side by side. */
    public CompiledPlan withBatches(int atOnce, List<Batch> cut) {
        return new CompiledPlan(sizes, runs, cells, shared, tokensOnly, atOnce, cut);
    }
}
