package dev.kausal.engine.plan;

import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.HookPoints;
import java.util.ArrayList;
import java.util.Collection;
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
 * @param cells cells to compute; {@link PlannedCells}, made when they are asked for
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
        cells = PlannedCells.of(cells);
        batches = List.copyOf(batches);
    }

    /**
     * Runs whose streams, keys and values are held while their groups run.
     *
     * @param runs indices of the runs
     * @param sites points at which edits of the cells read runs
     * @param groups indices of cells; each group passes the layers together
     */
    public record Batch(List<Integer> runs, List<HookPoint> sites, Groups groups) {
        public Batch {
            runs = List.copyOf(runs);
            sites = List.copyOf(sites);
        }
    }

    /** Creates a plan of one whole pass per cell, one at a time. */
    public static CompiledPlan plain(SweepPlan sweep, HookPoints points, Sizes sizes) {
        PlannedCells cells = new PlainCells(sweep, points, sizes.layers());
        return new CompiledPlan(sizes, sweep.runs(), cells, false, false, 1, List.of());
    }

    /** Returns the positions that a run's single-position metrics read after the last layer, ascending. */
    public int[] rowsRead(int run) {
        return sizes.config().rowsRead(runs.get(run).length(), runs.get(run).read());
    }

    /** Returns the number of positions of each run. */
    public int[] lengths() {
        return runs.stream().mapToInt(Run::length).toArray();
    }

    /** Returns the bytes of the largest layer of a cell's rows. */
    public long rowBytes(DirtyRows rows) {
        return rows.most() * sizes.rowBytes(rows.length());
    }

    /** Returns the bytes that some runs hold while groups run that read these sites. */
    public long baseBytes(Collection<Integer> some, Collection<HookPoint> sites) {
        Map<Integer, Long> byLength = new HashMap<>();
        long bytes = 0;
        for (int run : some) {
            bytes += byLength.computeIfAbsent(runs.get(run).length(), length -> runBytes(length, sites));
        }
        return bytes;
    }

    private long runBytes(int length, Collection<HookPoint> sites) {
        long bytes = sizes.baseBytes(length);
        for (HookPoint site : sites) {
            bytes += sizes.siteBytes(site, length);
        }
        return bytes;
    }

    /** Returns a copy with other runs and cells. */
    public CompiledPlan with(List<Run> otherRuns, List<PlannedCell> otherCells) {
        return new CompiledPlan(sizes, otherRuns, otherCells, shared, tokensOnly, lanes, batches);
    }

    /** Returns a copy with other cells. */
    public CompiledPlan with(List<PlannedCell> others) {
        return with(runs, others);
    }

    /** Returns a copy with each cell replaced when it is asked for, by one with the same readings. */
    public CompiledPlan mapped(UnaryOperator<PlannedCell> change) {
        return with(planned().mapped(change));
    }

    /** Returns the cells as what they are: made when they are asked for. */
    public PlannedCells planned() {
        return PlannedCells.of(cells);
    }

    /** Returns a copy whose cells are all made, which any number of threads may read. */
    public CompiledPlan made() {
        return with(new ArrayList<>(cells));
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
