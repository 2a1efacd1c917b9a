package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.EditException;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.GaussianNoise;
import dev.kausal.engine.edits.GivenVector;
import dev.kausal.engine.edits.MeanOf;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionMean;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.RandomMove;
import dev.kausal.engine.edits.Replacement;
import dev.kausal.engine.edits.ScriptFunction;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.KlDivergence;
import dev.kausal.engine.metrics.LargestDifference;
import dev.kausal.engine.metrics.LogProbability;
import dev.kausal.engine.metrics.Logit;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Loss;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.metrics.Probability;
import dev.kausal.engine.metrics.ProbabilityDifference;
import dev.kausal.engine.metrics.ScriptMetric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.rows.PromptException;
import dev.kausal.engine.tensor.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What any executor has to keep, whatever the weights. */
@ExtendWith(NoOpenArrays.class)
abstract class ExecutorContract {
    /** The executor under test. */
    abstract Executor executor();

    private static final int[] CLEAN = {3, 17, 42, 5, 28};
    private static final int[] CORRUPTED = {3, 9, 42, 5, 28};
    private static final Metric DIFFERENCE = new LogitDifference(7, 11);
    private static HookedModel model;

    @BeforeAll
    static void open() {
        model = HookedModel.open(Path.of("src/test/resources/tiny/llama"));
    }

    @AfterAll
    static void close() {
        model.close();
    }

    private List<CellOutcome> run(Cell... cells) {
        List<Run> runs = List.of(new Run(CLEAN, List.of()), new Run(CORRUPTED, List.of()));
        return executor().execute(model, new SweepPlan(runs, List.of(cells)), done -> {});
    }

    private static Cell cell(int run, String site, PositionRange rows, Part part, Replacement value) {
        return new Cell(run, List.of(new Edit(site, rows, part, value)), DIFFERENCE);
    }

    private static Cell base(int run) {
        return new Cell(run, List.of(), DIFFERENCE);
    }

    @Test
    void anIdentityPatchIsExactlyTheBaseAndSaysThatNothingChanged() {
        var outcomes = run(
                base(1),
                cell(1, "blocks.1.attn.hook_z", PositionRange.ALL, Part.ALL, new FromRun(1, PositionRange.ALL)));
        assertEquals(outcomes.get(0).value(), outcomes.get(1).value());
        assertEquals(0, outcomes.get(1).largestChange());
        assertEquals(1, outcomes.get(1).fired());
    }

    @Test
    void patchingTheWholeStreamAtLayerZeroIsExactlyTheCleanRun() {
        var outcomes = run(
                base(0),
                base(1),
                cell(1, "blocks.0.hook_resid_pre", PositionRange.ALL, Part.ALL, new FromRun(0, PositionRange.ALL)));
        assertEquals(outcomes.get(0).value(), outcomes.get(2).value());
        assertNotEquals(outcomes.get(1).value(), outcomes.get(2).value());
        assertTrue(outcomes.get(2).largestChange() > 0);
    }

    @Test
    void positionsBeforeTheFirstDifferenceChangeNothing() {
        var patched =
                cell(1, "blocks.1.hook_resid_pre", PositionRange.at(0), Part.ALL, new FromRun(0, PositionRange.at(0)));
        var outcomes = run(base(1), patched);
        assertEquals(outcomes.get(0).value(), outcomes.get(1).value(), 1e-6);
    }

    @Test
    void eachValueEqualsAHookWrittenByHand() {
        var part = new Part.Head(2);
        var outcomes = run(
                cell(0, "blocks.1.attn.hook_z", PositionRange.ALL, part, new Zero()),
                cell(0, "blocks.1.attn.hook_z", PositionRange.ALL, part, new MeanOf(List.of(0))),
                cell(
                        0,
                        "blocks.1.mlp.hook_post",
                        PositionRange.at(3),
                        new Part.Unit(5),
                        new ScriptFunction(x -> x.mul(2))));
        assertEquals(
                byHand("blocks.1.attn.hook_z", (x) -> {
                    x.set(new ai.djl.ndarray.index.NDIndex(":,:,2"), 0f);
                    return x;
                }),
                outcomes.get(0).value(),
                1e-6);
        assertEquals(
                byHand("blocks.1.attn.hook_z", (x) -> {
                    var mean = x.get(":,:,2")
                            .mean(new int[] {1}, true)
                            .broadcast(x.get(":,:,2").getShape());
                    x.set(new ai.djl.ndarray.index.NDIndex(":,:,2"), mean);
                    return x;
                }),
                outcomes.get(1).value(),
                1e-6);
        assertEquals(
                byHand("blocks.1.mlp.hook_post", (x) -> {
                    x.set(new ai.djl.ndarray.index.NDIndex(":,3,5"), x.getFloat(0, 3, 5) * 2);
                    return x;
                }),
                outcomes.get(2).value(),
                1e-6);
    }

    /** Each query and key has its own mean, so a causal pattern stays causal. */
    @Test
    void aMeanByPositionEqualsOneTakenByHand() {
        for (String site : List.of("blocks.1.attn.hook_pattern", "blocks.1.attn.hook_z", "blocks.0.hook_resid_post")) {
            var outcomes = run(
                    base(0),
                    cell(0, site, PositionRange.ALL, Part.ALL, new PositionMean(List.of(0, 1), PositionRange.ALL)),
                    cell(0, site, PositionRange.at(3), Part.ALL, new PositionMean(List.of(0, 1), PositionRange.at(3))));
            float[] clean = activation(CLEAN, site);
            float[] corrupted = activation(CORRUPTED, site);
            float[] mean = new float[clean.length];
            for (int i = 0; i < mean.length; i++) {
                mean[i] = (clean[i] + corrupted[i]) / 2;
            }
            double all = byHand(site, x -> x.getManager().create(mean, x.getShape()));
            double one = byHand(site, x -> {
                String row = site.endsWith("pattern") ? ":,:,3" : ":,3";
                x.set(
                        new ai.djl.ndarray.index.NDIndex(row),
                        x.getManager().create(mean, x.getShape()).get(row));
                return x;
            });
            assertEquals(all, outcomes.get(1).value(), 1e-5, site);
            assertEquals(one, outcomes.get(2).value(), 1e-5, site);
            assertNotEquals(outcomes.get(0).value(), outcomes.get(1).value(), 1e-4, site);
        }
    }

    @Test
    void aVectorIsAddedOrPutAtEachPosition() {
        List<Float> vector = new ArrayList<>();
        for (int i = 0; i < model.config().dHead(); i++) {
            vector.add(i / 4f - 1);
        }
        var rows = new PositionRange(1, 2);
        var part = new Part.Head(2);
        var outcomes = run(
                cell(0, "blocks.1.attn.hook_z", rows, part, new GivenVector(vector, true)),
                cell(0, "blocks.1.attn.hook_z", rows, part, new GivenVector(vector, false)));
        for (int put = 0; put < 2; put++) {
            boolean added = put == 0;
            double value = byHand("blocks.1.attn.hook_z", x -> {
                for (int row = 1; row <= 2; row++) {
                    for (int i = 0; i < vector.size(); i++) {
                        var at = new ai.djl.ndarray.index.NDIndex("0," + row + ",2," + i);
                        x.set(at, (added ? x.getFloat(0, row, 2, i) : 0) + vector.get(i));
                    }
                }
                return x;
            });
            assertEquals(value, outcomes.get(put).value(), 1e-5);
        }
        var tooShort = cell(0, "blocks.1.attn.hook_z", rows, part, new GivenVector(vector.subList(0, 3), true));
        var wrong = assertThrows(EditException.class, () -> run(tooShort));
        assertTrue(wrong.getMessage().contains("a vector of 3 numbers in place of 10"), wrong.getMessage());
    }

    private static float[] activation(int[] ids, String site) {
        try (NDManager manager = Torch.manager()) {
            float[][] seen = new float[1][];
            Hooks hooks = new Hooks(model.points());
            hooks.read(site, (x, point) -> seen[0] = x.toFloatArray());
            model.lastLogits(List.of(ids), hooks, manager);
            return seen[0];
        }
    }

    private static double byHand(String site, java.util.function.UnaryOperator<ai.djl.ndarray.NDArray> edit) {
        try (NDManager manager = Torch.manager()) {
            Hooks hooks = new Hooks(model.points());
            hooks.edit(site, (x, point) -> edit.apply(x));
            var logits = model.lastLogits(List.of(CLEAN), hooks, manager);
            return logits.getFloat(0, 7) - logits.getFloat(0, 11);
        }
    }

    /** What a random move, sized like zeroing, leaves of the rows at {@code site}, beside what was there. */
    private float[][] moved(String site, PositionRange rows, Part part, long seed) {
        float[][] seen = new float[2][];
        Replacement first = new ScriptFunction(x -> {
            seen[0] = x.toFloatArray();
            return x;
        });
        Replacement last = new ScriptFunction(x -> {
            seen[1] = x.toFloatArray();
            return x;
        });
        Replacement move = new RandomMove(new Zero(), seed);
        List<Edit> edits = List.of(
                new Edit(site, rows, part, first), new Edit(site, rows, part, move), new Edit(site, rows, part, last));
        run(new Cell(0, edits, DIFFERENCE));
        return seen;
    }

    @Test
    void aRandomMoveIsAsFarAsItsModelInEachRowAndElsewhere() {
        float[][] seen = moved("blocks.1.attn.hook_z", new PositionRange(1, 3), new Part.Head(2), 5);
        int width = seen[0].length / 3;
        for (int row = 0; row < 3; row++) {
            double there = 0;
            double change = 0;
            double along = 0;
            for (int i = row * width; i < (row + 1) * width; i++) {
                double move = seen[1][i] - seen[0][i];
                there += seen[0][i] * seen[0][i];
                change += move * move;
                along += move * seen[0][i];
            }
            assertEquals(Math.sqrt(there), Math.sqrt(change), 1e-5);
            assertTrue(Math.abs(along) < 0.99 * there);
        }
        assertArrayEquals(seen[1], moved("blocks.1.attn.hook_z", new PositionRange(1, 3), new Part.Head(2), 5)[1]);
        assertNotEquals(seen[1][0], moved("blocks.1.attn.hook_z", new PositionRange(1, 3), new Part.Head(2), 6)[1][0]);
    }

    @Test
    void aRandomMoveOfAttentionIsTheSameChangeDealtToTheKeysThatAreSeen() {
        int query = 3;
        float[][] seen = moved("blocks.1.attn.hook_pattern", PositionRange.at(query), new Part.Head(1), 5);
        double[] before = new double[query + 1];
        double[] change = new double[query + 1];
        for (int key = 0; key < seen[0].length; key++) {
            if (key > query) {
                assertEquals(0, seen[1][key]);
            } else {
                before[key] = seen[0][key];
                change[key] = seen[0][key] - seen[1][key];
            }
        }
        Arrays.sort(before);
        Arrays.sort(change);
        assertArrayEquals(before, change, 1e-6);
    }

    @Test
    void noiseIsTheSameForTheSameSeedOnly() {
        var rows = new PositionRange(1, 2);
        var outcomes = run(
                cell(0, "hook_embed", rows, Part.ALL, new GaussianNoise(0.5, 1)),
                cell(0, "hook_embed", rows, Part.ALL, new GaussianNoise(0.5, 1)),
                cell(0, "hook_embed", rows, Part.ALL, new GaussianNoise(0.5, 2)));
        assertEquals(outcomes.get(0).value(), outcomes.get(1).value());
        assertNotEquals(outcomes.get(0).value(), outcomes.get(2).value());
    }

    @Test
    void metricsAgreeWithEachOther() {
        var outcomes = run(
                new Cell(0, List.of(), new Probability(7)),
                new Cell(0, List.of(), new LogProbability(7)),
                new Cell(0, List.of(), new KlDivergence(0)),
                new Cell(1, List.of(), new KlDivergence(0)),
                new Cell(0, List.of(), new Loss()));
        assertEquals(outcomes.get(0).value(), Math.exp(outcomes.get(1).value()), 1e-9);
        assertEquals(0, outcomes.get(2).value(), 1e-9);
        assertTrue(outcomes.get(3).value() > 0);
        assertTrue(outcomes.get(4).value() > 0);
    }

    @Test
    void metricsOfSetsAreSumsAndMeansOverThem() {
        List<Integer> answers = List.of(7, 3);
        List<Integer> foils = List.of(11, 2, 5);
        List<Edit> edits = cell(1, "blocks.0.hook_mlp_out", PositionRange.at(2), Part.ALL, new Zero())
                .edits();
        List<Cell> cells = new ArrayList<>();
        for (int token : List.of(7, 3, 11, 2, 5)) {
            cells.add(new Cell(1, edits, new Logit(token)));
            cells.add(new Cell(1, edits, new Probability(token)));
        }
        cells.add(new Cell(1, edits, new LogitDifference(answers, foils)));
        cells.add(new Cell(1, edits, new Logit(answers)));
        cells.add(new Cell(1, edits, new Probability(answers)));
        cells.add(new Cell(1, edits, new LogProbability(answers)));
        cells.add(new Cell(1, edits, new ProbabilityDifference(answers, foils)));
        cells.add(new Cell(1, edits, new LargestDifference(answers, foils)));
        double[] found = run(cells.toArray(Cell[]::new)).stream()
                .mapToDouble(CellOutcome::value)
                .toArray();
        double mean = (found[0] + found[2]) / 2;
        double sum = found[1] + found[3];
        double foilSum = found[5] + found[7] + found[9];
        assertEquals(mean - (found[4] + found[6] + found[8]) / 3, found[10], 1e-5);
        assertEquals(mean, found[11], 1e-5);
        assertEquals(sum, found[12], 1e-6);
        assertEquals(Math.log(sum), found[13], 1e-5);
        assertEquals(sum - foilSum, found[14], 1e-6);
        double foil = Math.max(found[4], Math.max(found[6], found[8]));
        assertEquals(Math.max(found[0], found[2]) - foil, found[15], 1e-5);
    }

    /** Each position alone, those of an edit and those before it, and several that are not neighbours. */
    @Test
    void aFunctionReadsThePositionsThatItNames() {
        int length = CORRUPTED.length;
        List<Edit> edits = cell(1, "blocks.1.hook_resid_pre", PositionRange.at(2), Part.ALL, new Zero())
                .edits();
        List<Cell> cells = new ArrayList<>();
        for (int position = 0; position < length; position++) {
            cells.add(new Cell(1, edits, function(List.of(position))));
        }
        cells.add(new Cell(1, edits, function(List.of(0, 2, 4))));
        cells.add(new Cell(1, edits, function(IntStream.range(0, length).boxed().toList())));
        cells.add(new Cell(1, edits, new ScriptMetric(logits -> logits.getFloat(7))));
        double[] found = run(cells.toArray(Cell[]::new)).stream()
                .mapToDouble(CellOutcome::value)
                .toArray();
        try (NDManager manager = Torch.manager()) {
            Hooks hooks = new Hooks(model.points());
            hooks.edit("blocks.1.hook_resid_pre", (x, point) -> {
                NDArray changed = x.duplicate();
                changed.set(new NDIndex(":, 2"), 0f);
                return changed;
            });
            NDArray logits = model.logits(List.of(CORRUPTED), hooks, manager);
            double all = 0;
            for (int position = 0; position < length; position++) {
                double own = logits.getFloat(position, 7);
                assertEquals(own, found[position], 1e-5);
                all += (position + 1) * own;
            }
            double three = logits.getFloat(0, 7) + 2 * logits.getFloat(2, 7) + 3 * logits.getFloat(4, 7);
            assertEquals(three, found[length], 1e-4);
            assertEquals(all, found[length + 1], 1e-4);
            assertEquals(found[length - 1], found[length + 2], 1e-6);
        }
    }

    @Test
    void aFunctionOfPositionsBeforeTheEditReadsTheUneditedRun() {
        List<Edit> edits = cell(1, "blocks.1.hook_resid_pre", PositionRange.at(2), Part.ALL, new Zero())
                .edits();
        Metric first = function(List.of(0, 1));
        var outcomes = run(new Cell(1, List.of(), first), new Cell(1, edits, first));
        assertEquals(outcomes.get(0).value(), outcomes.get(1).value(), 1e-6);
        assertTrue(outcomes.get(1).largestChange() > 0);
    }

    /** The logit of token 7, the rows weighted by their order. */
    private static Metric function(List<Integer> positions) {
        return new ScriptMetric(positions, logits -> {
            double sum = 0;
            for (int row = 0; row < logits.getShape().get(0); row++) {
                sum += (row + 1) * logits.getFloat(row, 7);
            }
            return sum;
        });
    }

    @Test
    void editsThatDoNotFitAreRefused() {
        var head = cell(0, "blocks.1.attn.hook_z", PositionRange.ALL, new Part.Head(4), new Zero());
        assertTrue(
                assertThrows(EditException.class, () -> run(head)).getMessage().contains("4"));
        var rows = cell(
                0, "blocks.1.hook_resid_pre", new PositionRange(0, 1), Part.ALL, new FromRun(1, PositionRange.at(0)));
        assertThrows(EditException.class, () -> run(rows));
        List<int[]> empty = List.of(new int[0]);
        try (NDManager manager = Torch.manager()) {
            assertThrows(PromptException.class, () -> model.logits(empty, manager));
            assertThrows(PromptException.class, () -> model.logits(List.of(new int[] {61}), manager));
        }
    }

    @Test
    void progressNeverFallsAndEndsWithEveryCell() {
        List<Run> runs = List.of(new Run(CLEAN, List.of()), new Run(CORRUPTED, List.of()));
        List<Cell> cells = new ArrayList<>();
        for (int head = 0; head < 4; head++) {
            cells.add(cell(1, "blocks.1.attn.hook_z", PositionRange.ALL, new Part.Head(head), new Zero()));
        }
        List<Integer> told = new ArrayList<>();
        executor().execute(model, new SweepPlan(runs, cells), told::add);
        assertEquals(told.stream().sorted().toList(), told);
        assertEquals(cells.size(), told.get(told.size() - 1));
    }

    @Test
    void aSweepLeavesNoArrayBehind() {
        List<Cell> cells = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            cells.add(cell(1, "blocks.1.attn.hook_z", PositionRange.ALL, Part.ALL, new FromRun(0, PositionRange.ALL)));
            cells.add(
                    cell(1, "blocks.1.attn.hook_pattern", PositionRange.ALL, new Part.Head(1), new MeanOf(List.of(0))));
        }
        NoOpenArrays.during(model, () -> run(cells.toArray(Cell[]::new)));
    }
}
