package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.Cells;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.Cost;
import dev.kausal.engine.plan.DirtyRows;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.Sizes;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.plan.rewrite.Rewrites;
import dev.kausal.engine.tensor.Tuning;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How much work plans are: rows, unembedded tokens and layers read, as closed forms. Times are for the benchmarks. */
final class PlannedWorkTest {
    private static final int LENGTH = 40;
    private static final int SUBJECT = 12;
    private static final int TOKENS = 2;

    private static HookedModel model;
    private static int layers;
    private static int heads;

    @BeforeAll
    static void open() {
        model = HookedModel.open(TinyModels.folder("llama"));
        layers = model.config().layers();
        heads = model.config().heads();
    }

    @AfterAll
    static void close() {
        model.close();
    }

    /** Clean and corrupted prompts that differ in one token. */
    private static List<Run> pair() {
        int[] clean = IntStream.range(0, LENGTH).map(i -> 3 + i).toArray();
        int[] corrupted = clean.clone();
        corrupted[SUBJECT] = 2;
        return List.of(new Run(clean, List.of()), new Run(corrupted, List.of()));
    }

    private static List<Cell> patched() {
        List<Cell> cells = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            for (int position = 0; position < LENGTH; position++) {
                PositionRange at = PositionRange.at(position);
                String site = "blocks." + layer + ".hook_resid_pre";
                cells.add(cell(1, new Edit(site, at, Part.ALL, new FromRun(0, at))));
            }
        }
        return cells;
    }

    private static List<Cell> ablated() {
        List<Cell> cells = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            for (int head = 0; head < heads; head++) {
                String site = "blocks." + layer + ".attn.hook_z";
                cells.add(cell(0, new Edit(site, PositionRange.ALL, new Part.Head(head), new Zero())));
            }
        }
        return cells;
    }

    private static Cell cell(int run, Edit edit) {
        return new Cell(run, List.of(edit), new LogitDifference(5, 6));
    }

    private static Cost cost(List<Run> runs, List<Cell> cells) {
        return Cost.of(Rewrites.within(1L << 40, 2, Tuning.CPU)
                .compile(new SweepPlan(runs, cells), model.points(), new Sizes(model.config())));
    }

    /** Rows of a change at {@code position} before {@code layer}: those from there on, and in the last layer what is read. */
    private static long rowsOf(int layer, int position) {
        return (long) (LENGTH - position) * (layers - 1 - layer) + 1;
    }

    @Test
    void aPatchComputesThePositionsFromItOnAndNoneWhereBothRunsAreEqual() {
        long expected = 2L * LENGTH * layers;
        for (int layer = 0; layer < layers; layer++) {
            // Before the first layer, the streams of equal tokens are equal.
            int last = layer == 0 ? SUBJECT : LENGTH - 1;
            for (int position = SUBJECT; position <= last; position++) {
                expected += rowsOf(layer, position);
            }
        }
        Cost cost = cost(pair(), patched());
        assertTrue(cost.rowLayers() <= expected + (long) (LENGTH - SUBJECT) * LENGTH, "rows " + cost.rowLayers());
        assertTrue(cost.rowLayers() >= expected, "rows " + cost.rowLayers() + ", not below " + expected);
    }

    @Test
    void anAblatedHeadComputesTheLayersFromItOn() {
        long expected = (long) LENGTH * layers;
        for (int layer = 0; layer < layers - 1; layer++) {
            expected += heads * rowsOf(layer, 0);
        }
        // In the last layer, each edited row is computed: how much the edit changes is recorded.
        expected += (long) heads * LENGTH;
        assertEquals(expected, cost(pair().subList(0, 1), ablated()).rowLayers());
    }

    @Test
    void cellsThatAreDeclaredTwiceAreComputedOnce() {
        List<Cell> twice = new ArrayList<>(ablated());
        twice.addAll(ablated());
        List<Run> one = pair().subList(0, 1);
        assertEquals(cost(one, ablated()).rowLayers(), cost(one, twice).rowLayers());
        assertEquals(cost(one, ablated()).flops(), cost(one, twice).flops());
    }

    @Test
    void onlyTheTokensOfAMetricAreUnembedded() {
        Cost cost = cost(pair().subList(0, 1), ablated());
        assertEquals((double) TOKENS * layers * heads, cost.unembedded());
    }

    @Test
    void layersAreReadOncePerGroupAndGroupsAreLarge() {
        Cost cost = cost(pair(), patched());
        long rowsPerLayer = cost.rowLayers() / cost.passedLayers();
        assertTrue(rowsPerLayer >= Tuning.CPU.worthwhileRows(), rowsPerLayer + " rows for each layer that is read");
        assertTrue(cost.groups() <= cost.rowLayers() / Tuning.CPU.worthwhileRows(), cost.groups() + " groups");
    }

    /** Cells that count how often one is made. */
    private static final class CountedCells extends Cells {
        private final List<Cell> cells;
        private int made;

        CountedCells(List<Cell> cells) {
            this.cells = cells;
        }

        @Override
        public Cell get(int index) {
            made++;
            return cells.get(index);
        }

        @Override
        public int run(int index) {
            return cells.get(index).run();
        }

        @Override
        public Metric metric(int index) {
            return cells.get(index).metric();
        }

        @Override
        public int edits(int index) {
            return cells.get(index).edits().size();
        }

        @Override
        public int size() {
            return cells.size();
        }
    }

    /** Unedited runs, and each head at each position patched, of several pairs with the same prompts as {@link #pair}. */
    private static SweepPlan pairs(int count) {
        List<Run> runs = new ArrayList<>();
        List<Cell> cells = new ArrayList<>();
        for (int pair = 0; pair < count; pair++) {
            int token = 50 + pair;
            for (Run run : pair()) {
                int[] ids = run.ids().clone();
                ids[LENGTH - 1] = token; // Otherwise equal runs would be merged.
                runs.add(new Run(ids, List.of()));
                cells.add(new Cell(runs.size() - 1, List.of(), new LogitDifference(5, 6)));
            }
            for (int layer = 0; layer < layers; layer++) {
                for (int head = 0; head < heads; head++) {
                    for (int position = 0; position < LENGTH; position++) {
                        PositionRange at = PositionRange.at(position);
                        String site = "blocks." + layer + ".attn.hook_z";
                        FromRun clean = new FromRun(2 * pair, at);
                        cells.add(cell(2 * pair + 1, new Edit(site, at, new Part.Head(head), clean)));
                    }
                }
            }
        }
        return new SweepPlan(runs, cells);
    }

    private static Rewrites.Compiled explained(SweepPlan sweep) {
        return Rewrites.within(1L << 40, 2, Tuning.CPU).explained(sweep, model.points(), new Sizes(model.config()));
    }

    @Test
    void planningMakesEachCellOnceAndThoseThatAreComputedTwice() {
        SweepPlan sweep = pairs(3);
        CountedCells cells = new CountedCells(sweep.cells());
        CompiledPlan plan = explained(new SweepPlan(sweep.runs(), cells)).plan();
        long patches = 3L * layers * heads * (LENGTH - SUBJECT);
        assertEquals(2 * 3 + patches, plan.cells().size());
        assertEquals(cells.size() + plan.cells().size(), cells.made);
    }

    @Test
    void cellsOfOneLayerAndPositionShareTheirRowsWhateverTheHeadAndThePair() {
        Set<DirtyRows> rows = Collections.newSetFromMap(new IdentityHashMap<>());
        CompiledPlan plan = explained(pairs(3)).plan();
        for (int cell = 0; cell < plan.cells().size(); cell++) {
            rows.add(plan.planned().rows(cell));
        }
        // One more for the unedited runs.
        assertEquals(layers * (LENGTH - SUBJECT) + 1, rows.size());
    }

    @Test
    void aPlanOfSeveralSweepsMakesCellsOfEachAsIfItWereAlone() {
        SweepPlan sweep = pairs(2);
        SweepPlan joined = SweepPlan.joined(List.of(sweep, sweep));
        int cells = sweep.cells().size();
        assertEquals(2 * cells, joined.cells().size());
        assertEquals(sweep.cells(), joined.part(0, cells - 1).cells());
        Cell again = joined.cells().get(cells + 2);
        Cell first = sweep.cells().get(2);
        int runs = sweep.runs().size();
        assertEquals(first.run() + runs, again.run());
        assertEquals(
                first.edits().get(0).renumbered(run -> run + runs),
                again.edits().get(0));
        assertEquals(cost(sweep.runs(), sweep.cells()), cost(joined.runs(), joined.cells()));
    }
}
