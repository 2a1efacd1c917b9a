package dev.kausal.engine.plan;

import dev.kausal.engine.hooks.HookPoints;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A sweep's computation as data: cells with the rows to compute in each layer, divided into batches that fit in memory.
 *
 * <p>It starts as {@link #plain}, one whole pass per cell; each {@link dev.kausal.engine.plan.rewrite.Rewrite} reduces
 * its cost without changing results.
 *
 * @param sizes sizes of the model
 * @param runs unedited prompts that cells start from or read
 * @param cells cells to compute
 * @param shared whether cells start from the base runs' streams, keys and values, which must then be computed too
 * @param tokensOnly whether only tokens read by metrics are unembedded
 * @param lanes number of groups of a batch computed in parallel
 * @param batches cells computed together; empty while each is computed alone
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
     * Runs whose streams, keys and values are held while their groups run.
     *
     * @param runs indices of the runs
     * @param groups indices of cells; each group passes the layers together
     */
    public record Batch(List<Integer> runs, List<List<Integer>> groups) {
        public Batch {
            runs = List.copyOf(runs);
            groups = List.copyOf(groups);
        }
    }

    /** Creates a plan of one whole pass per cell, one at a time. */
    public static CompiledPlan plain(SweepPlan sweep, HookPoints points, Sizes sizes) {
        List<PlannedCell> cells = new ArrayList<>(sweep.cells().size());
        Map<Integer, DirtyRows> everything = new HashMap<>();
        for (int i = 0; i < sweep.cells().size(); i++) {
            Cell cell = sweep.cells().get(i);
            Run run = sweep.runs().get(cell.run());
            List<PlannedEdit> edits = new ArrayList<>();
            run.edits().forEach(edit -> edits.add(new PlannedEdit(edit, points.named(edit.site()), true)));
            cell.edits().forEach(edit -> edits.add(new PlannedEdit(edit, points.named(edit.site()), false)));
            edits.sort(Comparator.comparingInt(edit -> edit.point().index()));
            MetricRequest reading =
                    new MetricRequest(i, cell.metric(), cell.edits().size());
            DirtyRows rows =
                    everything.computeIfAbsent(run.length(), length -> DirtyRows.everything(length, sizes.layers()));
            cells.add(new PlannedCell(cell.run(), edits, List.of(reading), null, rows));
        }
        return new CompiledPlan(sizes, sweep.runs(), cells, false, false, 1, List.of());
    }

    /** Returns the positions that a run's single-position metrics read after the last layer, ascending. */
    public int[] rowsRead(int run) {
        return sizes.config().rowsRead(runs.get(run).length(), runs.get(run).read());
    }

    /** Returns a copy with other runs and cells. */
    public CompiledPlan with(List<Run> otherRuns, List<PlannedCell> otherCells) {
        return new CompiledPlan(sizes, otherRuns, otherCells, shared, tokensOnly, lanes, batches);
    }

    /** Returns a copy with other cells. */
    public CompiledPlan with(List<PlannedCell> others) {
        return with(runs, others);
    }

    /** Returns a copy with each cell replaced; the plan itself if every cell is replaced by itself. */
    @SuppressWarnings("ReferenceEquality") // Comparing the cells of large plans would cost more than it saves.
    public CompiledPlan mapped(UnaryOperator<PlannedCell> change) {
        List<PlannedCell> others = new ArrayList<>(cells.size());
        boolean same = true;
        for (PlannedCell cell : cells) {
            PlannedCell other = change.apply(cell);
            same &= other == cell;
            others.add(other);
        }
        return same ? this : with(others);
    }

    /** Returns a copy whose cells start from the base runs' streams, keys and values. */
    public CompiledPlan withSharedBases() {
        return new CompiledPlan(sizes, runs, cells, true, tokensOnly, lanes, batches);
    }

    /** Returns a copy that unembeds only tokens read by metrics. */
    public CompiledPlan withTokensOnly() {
        return new CompiledPlan(sizes, runs, cells, shared, true, lanes, batches);
    }

    /** Returns a copy divided into batches, with {@code atOnce} groups computed in parallel. */
    public CompiledPlan withBatches(int atOnce, List<Batch> cut) {
        return new CompiledPlan(sizes, runs, cells, shared, tokensOnly, atOnce, cut);
    }
}
