package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.EditException;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Replacement;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.metrics.Logit;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.Sizes;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.plan.rewrite.Rewrites;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.tensor.Tuning;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract, and one whole pass per cell on random models, prompts and interventions. */
final class BatchedExecutorTest extends ExecutorContract {
    @Override
    Executor executor() {
        return new BatchedExecutor(1L << 30);
    }

    private static final double TOLERANCE = 2e-4;
    private static final int PLANS = 10;
    private static final int PLANS_OF_THE_PLAIN = 40;

    /** Small products gain nothing from threads, and lose much where the machine is busy. */
    @BeforeAll
    static void oneThread() {
        Torch.threads(1);
    }

    @AfterAll
    static void allThreads() {
        Torch.threads(Runtime.getRuntime().availableProcessors());
    }

    static Stream<String> models() {
        return TinyModels.all().filter(name -> !TinyModels.HEADLESS.contains(name));
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyCellIsThePlainExecutors(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            // Families differ in what each row's maths is, and only little in which rows are computed.
            int plans = List.of("llama", "gpt2").contains(name) ? PLANS_OF_THE_PLAIN : PLANS;
            for (long seed = 0; seed < plans; seed++) {
                SweepPlan plan = new RandomPlans(model, seed).draw();
                // A small budget cuts the plan into several batches and groups.
                long budget = seed % 3 == 0 ? 40_000 : 1L << 30;
                List<CellOutcome> expected = new PlainExecutor().execute(model, plan, done -> {});
                List<CellOutcome> found = new BatchedExecutor(budget).execute(model, plan, done -> {});
                for (int cell = 0; cell < expected.size(); cell++) {
                    String where = "seed " + seed + ", cell " + cell + ": "
                            + plan.cells().get(cell);
                    same(expected.get(cell), found.get(cell), where);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "gemma2", "gpt-neox", "bert-masked", "vit"})
    void whatIsKeptOfTheRunItselfIsThePlainExecutors(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            int held = 0;
            for (long seed = 0; seed < 12; seed++) {
                SweepPlan plan = new RandomPlans(model, seed).drawKeeping();
                SweepPlan free = new SweepPlan(
                        plan.runs(),
                        plan.cells().stream()
                                .map(cell -> new Cell(cell.run(), cell.edits().subList(0, 1), cell.metric()))
                                .toList());
                List<CellOutcome> expected = new PlainExecutor().execute(model, plan, done -> {});
                List<CellOutcome> found =
                        new BatchedExecutor(seed % 3 == 0 ? 40_000 : 1L << 30).execute(model, plan, done -> {});
                List<CellOutcome> without = new PlainExecutor().execute(model, free, done -> {});
                for (int cell = 0; cell < expected.size(); cell++) {
                    String where = "seed " + seed + ", cell " + cell + ": "
                            + plan.cells().get(cell);
                    same(expected.get(cell), found.get(cell), where);
                    double moved = Math.abs(
                            expected.get(cell).value() - without.get(cell).value());
                    held += moved > 100 * TOLERANCE ? 1 : 0;
                }
            }
            assertTrue(held >= 20, "what was kept held a change back in " + held + " of 240 cells");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "gemma2", "gpt-neox", "bert-masked", "vit"})
    void cellsThatReadEditedRunsAreThePlainExecutors(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            int moved = 0;
            for (long seed = 0; seed < 12; seed++) {
                SweepPlan plan = new RandomPlans(model, seed).drawReading();
                List<CellOutcome> expected = new PlainExecutor().execute(model, plan, done -> {});
                List<CellOutcome> found =
                        new BatchedExecutor(seed % 3 == 0 ? 40_000 : 1L << 30).execute(model, plan, done -> {});
                for (int cell = 0; cell < expected.size(); cell++) {
                    String where = "seed " + seed + ", cell " + cell + ": "
                            + plan.cells().get(cell);
                    same(expected.get(cell), found.get(cell), where);
                    moved += expected.get(cell).largestChange() > 100 * TOLERANCE ? 1 : 0;
                }
            }
            assertTrue(moved >= 100, moved + " of 240 cells changed something");
        }
    }

    /** A layer where any run gives heads their own inputs takes another way, on which a norm cannot be edited. */
    @Test
    void runsWithInputsOfHeadsAndRunsWithEditedNormsPassApart() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            int[] ids = {3, 17, 42, 5};
            Edit queries = new Edit("blocks.1.hook_q_input", PositionRange.ALL, new Part.Head(1), new Zero());
            Edit norm = new Edit("blocks.1.ln1.hook_normalized", PositionRange.at(2), Part.ALL, new Zero());
            List<Run> runs =
                    List.of(new Run(ids, List.of()), new Run(ids, List.of(queries)), new Run(ids, List.of(norm)));
            List<Cell> cells = new ArrayList<>();
            for (int read = 1; read <= 2; read++) {
                Replacement from = new FromRun(read, PositionRange.ALL);
                Edit edit = new Edit("blocks.1.attn.hook_z", PositionRange.ALL, Part.ALL, from);
                cells.add(new Cell(0, List.of(edit), new Logit(7)));
            }
            SweepPlan plan = new SweepPlan(runs, cells);
            List<CellOutcome> expected = new PlainExecutor().execute(model, plan, done -> {});
            List<CellOutcome> found = new BatchedExecutor(1L << 30).execute(model, plan, done -> {});
            for (int cell = 0; cell < 2; cell++) {
                same(expected.get(cell), found.get(cell), "cell " + cell);
                assertTrue(found.get(cell).largestChange() > 1e-3);
            }
        }
    }

    @Test
    void runsThatReadEachOtherInACircleAreRefused() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            Edit reads =
                    new Edit("blocks.0.hook_mlp_out", PositionRange.ALL, Part.ALL, new FromRun(1, PositionRange.ALL));
            Edit read =
                    new Edit("blocks.0.hook_mlp_out", PositionRange.ALL, Part.ALL, new FromRun(0, PositionRange.ALL));
            int[] ids = {3, 17, 42};
            SweepPlan plan = new SweepPlan(
                    List.of(new Run(ids, List.of(reads)), new Run(ids, List.of(read))),
                    List.of(new Cell(0, List.of(), new Logit(1))));
            for (Executor executor : List.of(new PlainExecutor(), new BatchedExecutor(1L << 30))) {
                assertTrue(assertThrows(EditException.class, () -> executor.execute(model, plan, done -> {}))
                        .getMessage()
                        .contains("in a circle"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "gemma2", "bert-masked", "vit"})
    void groupsSideBySideGiveThePlainExecutorsCells(String name) {
        Torch.threads(4);
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            int sideBySide = 0;
            for (long seed = 100; seed < 110; seed++) {
                SweepPlan plan = RandomPlans.withoutFunctions(new RandomPlans(model, seed).draw());
                sideBySide += hasGroupsSideBySide(model, plan) ? 1 : 0;
                List<CellOutcome> expected = new PlainExecutor().execute(model, plan, done -> {});
                List<Integer> told = new ArrayList<>();
                List<CellOutcome> found = new BatchedExecutor(BUDGET_OF_FEW).execute(model, plan, told::add);
                for (int cell = 0; cell < expected.size(); cell++) {
                    same(expected.get(cell), found.get(cell), "seed " + seed + ", cell " + cell);
                }
                assertEquals(told.stream().sorted().toList(), told, "progress never falls");
                assertEquals(expected.size(), told.isEmpty() ? 0 : told.get(told.size() - 1));
                assertEquals(
                        found, new BatchedExecutor(BUDGET_OF_FEW).execute(model, plan, done -> {}), "not up to chance");
            }
            assertTrue(sideBySide >= 5, "groups were computed side by side in " + sideBySide + " of 10 plans");
        } finally {
            Torch.threads(1);
        }
    }

    private static boolean hasGroupsSideBySide(HookedModel model, SweepPlan plan) {
        CompiledPlan compiled = Rewrites.within(BUDGET_OF_FEW, Torch.threads(), Tuning.CPU)
                .compile(plan, model.points(), new Sizes(model.config()));
        return compiled.lanes() > 1
                && compiled.batches().stream().anyMatch(batch -> batch.groups().size() > 1);
    }

    /** Few cells of a tiny model at once, so that even a small plan has several groups. */
    private static final long BUDGET_OF_FEW = 120_000;

    private static final int[] CLEAN = {3, 17, 42, 5, 28};
    private static final int[] CORRUPTED = {3, 9, 42, 5, 28};

    private static List<CellOutcome> exact(HookedModel model, Edit... edits) {
        List<Cell> cells = new ArrayList<>();
        cells.add(new Cell(0, List.of(), new LogitDifference(7, 11)));
        cells.add(new Cell(1, List.of(), new LogitDifference(7, 11)));
        for (Edit edit : edits) {
            cells.add(new Cell(1, List.of(edit), new LogitDifference(7, 11)));
        }
        List<Run> runs = List.of(new Run(CLEAN, List.of()), new Run(CORRUPTED, List.of()));
        return new BatchedExecutor(1L << 30).execute(model, new SweepPlan(runs, cells), done -> {});
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gpt2", "gemma2", "gpt-neox"})
    void whatChangesNothingIsExactlyTheBaseAndAWholeStreamExactlyItsSource(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            PositionRange first = PositionRange.at(0);
            List<CellOutcome> found = exact(
                    model,
                    new Edit("blocks.1.hook_resid_pre", PositionRange.ALL, Part.ALL, new FromRun(1, PositionRange.ALL)),
                    new Edit("blocks.0.attn.hook_z", first, new Part.Head(0), new FromRun(0, first)),
                    new Edit("blocks.0.hook_resid_pre", PositionRange.ALL, Part.ALL, new FromRun(0, PositionRange.ALL)),
                    new Edit(
                            "blocks.0.hook_mlp_out",
                            PositionRange.at(1),
                            Part.ALL,
                            new FromRun(0, PositionRange.at(1))));
            double clean = found.get(0).value();
            double corrupted = found.get(1).value();
            assertEquals(corrupted, found.get(2).value(), "a run's own stream");
            assertEquals(0, found.get(2).largestChange());
            assertEquals(corrupted, found.get(3).value(), "a position before the first difference");
            assertEquals(0, found.get(3).largestChange());
            assertEquals(clean, found.get(4).value(), "the whole clean stream at layer 0");
            assertTrue(found.get(4).largestChange() > 0);
            assertNotEquals(corrupted, found.get(5).value(), "an edit that does change something");
            found.forEach(outcome -> assertTrue(outcome.fired() <= 1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "deberta-v3", "deberta-v2-tokens", "beit"})
    void aSweepLeavesNoNativeMemoryBehind(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            SweepPlan plan = new RandomPlans(model, 5).draw();
            NoOpenArrays.during(model, () -> new BatchedExecutor(40_000).execute(model, plan, done -> {}));
        }
    }

    private static void same(CellOutcome expected, CellOutcome found, String where) {
        if (Double.isNaN(expected.value())) {
            assertEquals(expected.value(), found.value(), where);
        } else {
            double tolerance = TOLERANCE * Math.max(1, Math.abs(expected.value()));
            assertEquals(expected.value(), found.value(), tolerance, where);
        }
        assertEquals(expected.fired(), found.fired(), where);
        assertEquals(expected.largestChange(), found.largestChange(), TOLERANCE, where);
    }
}
