package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Replacement;
import dev.kausal.engine.edits.ScriptFunction;
import dev.kausal.engine.edits.SingleEdit;
import dev.kausal.engine.edits.Target;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.estimates.GradientExecutor;
import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.exec.PlainSources;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.gradients.ObjectiveException;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.KlDivergence;
import dev.kausal.engine.metrics.LargestDifference;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.metrics.ScriptMetric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Estimates against what they are the limit of: exact effects of ever smaller edits. */
@ExtendWith(NoOpenArrays.class)
final class GradientExecutorTest {
    private static final long BUDGET = 1L << 30;
    private static final int[] CLEAN = {3, 17, 42, 5, 28};
    private static final int[] OTHER = {3, 9, 42, 50, 28};
    private static final Metric METRIC = new LogitDifference(7, 11);

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

    private static GradientExecutor executor() {
        return GradientExecutor.atRuns(BUDGET, Linearisation.NONE);
    }

    @ParameterizedTest
    @MethodSource("models")
    void estimatesAreTheLimitOfSmallEdits(String name) {
        int compared = 0;
        int clear = 0;
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            for (long seed = 0; seed < 3; seed++) {
                SweepPlan drawn = new RandomPlans(model, seed).draw();
                SweepPlan plan = new SweepPlan(
                        drawn.runs(),
                        drawn.cells().stream()
                                .filter(GradientExecutorTest::comparable)
                                .toList());
                List<CellOutcome> estimates = executor().execute(model, plan, done -> {});
                try (Limits limits = new Limits(model, plan)) {
                    for (int i = 0; i < plan.cells().size(); i++) {
                        Cell cell = plan.cells().get(i);
                        double base = limits.value(cell, 0);
                        if (cell.edits().isEmpty()) {
                            assertEquals(base, estimates.get(i).value(), 2e-5 * Math.max(1, Math.abs(base)));
                            continue;
                        }
                        double slope = estimates.get(i).value() - base;
                        double allowed = 2e-3 + 0.03 * Math.abs(slope);
                        double error = limits.error(cell, slope, allowed);
                        assertTrue(
                                error <= allowed,
                                "seed " + seed + ", cell " + i + ": " + cell + " is estimated as " + slope + ", off by "
                                        + error);
                        assertEquals(cell.edits().size(), estimates.get(i).fired());
                        compared++;
                        clear += Math.abs(slope) > 0.02 ? 1 : 0;
                    }
                }
            }
        }
        assertTrue(clear >= 1, clear + " of " + compared + " effects are large enough to tell them from none");
    }

    private static boolean comparable(Cell cell) {
        boolean differentiable = !cell.metric().callsScript() && !(cell.metric() instanceof LargestDifference);
        long sites = cell.edits().stream().map(Edit::site).distinct().count();
        return differentiable
                && sites == cell.edits().size()
                && cell.edits().stream().noneMatch(edit -> edit.site().contains("attn_scores"));
    }

    /** Runs of a plan's cells with their edits made a little. */
    private static final class Limits implements AutoCloseable {
        private final HookedModel model;
        private final SweepPlan plan;
        private final NDManager manager = Torch.manager();
        private final PlainSources sources;

        Limits(HookedModel model, SweepPlan plan) {
            this.model = model;
            this.plan = plan;
            this.sources = PlainSources.collect(model, plan);
        }

        double error(Cell cell, double slope, double allowed) {
            double least = Double.POSITIVE_INFINITY;
            for (double step : new double[] {0.01, 0.002, 0.05}) {
                double found = (value(cell, step) - value(cell, -step)) / (2 * step);
                least = Math.min(least, Math.abs(found - slope));
                if (least <= allowed) {
                    break;
                }
            }
            return least;
        }

        double value(Cell cell, double share) {
            List<Edit> edits = new ArrayList<>();
            for (Edit edit : cell.edits()) {
                if (share != 0) {
                    edits.add(little(cell, edit, share));
                }
            }
            SweepPlan one = new SweepPlan(plan.runs(), List.of(new Cell(cell.run(), edits, cell.metric())));
            return new PlainExecutor().execute(model, one, done -> {}).get(0).value();
        }

        private Edit little(Cell cell, Edit edit, double share) {
            Run run = plan.runs().get(cell.run());
            Hooks hooks = new Hooks(model.points());
            run.edits().forEach(own -> hooks.edit(own.site(), new SingleEdit(own, sources)));
            ActivationCache cache = hooks.capture(point -> point.name().equals(edit.site()), manager);
            model.outputsAt(run.input(), run.read(), hooks, manager);
            Target target = new Target(model.points().named(edit.site()), edit.part());
            NDArray activation = cache.get(edit.site());
            NDArray before =
                    activation.get(target.index(activation, edit.rows())).duplicate();
            NDArray after = edit.replacement().of(before.duplicate(), target, sources);
            NDArray change = NDArrays.where(after.eq(before), before.zerosLike(), after.sub(before))
                    .mul((float) share);
            boolean adds = edit.replacement().adds();
            NDArray there = before.add(change);
            return new Edit(
                    edit.site(),
                    edit.rows(),
                    edit.part(),
                    new ScriptFunction(x -> adds ? x.add(change) : there.duplicate()));
        }

        @Override
        public void close() {
            sources.close();
            manager.close();
        }
    }

    private static SweepPlan plan(Map<Integer, Integer> others, Cell... cells) {
        return new SweepPlan(List.of(new Run(CLEAN, List.of()), new Run(OTHER, List.of())), List.of(cells), others);
    }

    private static Cell cell(String site, Part part, Replacement value) {
        return new Cell(0, List.of(new Edit(site, PositionRange.ALL, part, value)), METRIC);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gemma2", "gpt-neox"})
    void anOwnValueChangesNothingAndALogitIsLinear(String name) {
        Cell base = new Cell(0, List.of(), METRIC);
        Cell own = cell("blocks.0.hook_resid_post", Part.ALL, new FromRun(0, PositionRange.ALL));
        Cell logits = cell("hook_logits", Part.ALL, new FromRun(1, PositionRange.ALL));
        SweepPlan plan = plan(Map.of(), base, own, logits);
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            List<CellOutcome> found = executor().execute(model, plan, done -> {});
            assertEquals(found.get(0).value(), found.get(1).value());
            assertEquals(0, found.get(1).largestChange());
            double exact =
                    new PlainExecutor().execute(model, plan, done -> {}).get(2).value();
            assertEquals(exact, found.get(2).value(), 1e-5 * Math.max(1, Math.abs(exact)));
        }
    }

    /** What a later edit keeps as it was cannot carry an earlier one's effect. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gemma2"})
    void noEffectFlowsThroughWhatIsKept(String name) {
        Edit moved = new Edit("blocks.0.hook_resid_pre", PositionRange.ALL, Part.ALL, new Zero());
        Edit kept =
                new Edit("blocks.0.hook_resid_post", PositionRange.ALL, Part.ALL, new FromRun(0, PositionRange.ALL));
        SweepPlan plan = plan(
                Map.of(),
                new Cell(0, List.of(), METRIC),
                new Cell(0, List.of(moved), METRIC),
                new Cell(0, List.of(moved, kept), METRIC));
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            List<CellOutcome> found = executor().execute(model, plan, done -> {});
            assertTrue(Math.abs(found.get(1).value() - found.get(0).value()) > 1e-2);
            assertEquals(found.get(0).value(), found.get(2).value());
        }
    }

    /** Along the whole path, the estimate of a patch of the embedding is the other run's value. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gemma2", "gpt-neox"})
    void integratedGradientsOfTheEmbeddingReachTheOtherRun(String name) {
        Cell patched = cell("hook_embed", Part.ALL, new FromRun(1, PositionRange.ALL));
        SweepPlan plan = plan(Map.of(0, 1), new Cell(0, List.of(), METRIC), patched);
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            List<CellOutcome> exact = new PlainExecutor().execute(model, plan, done -> {});
            List<CellOutcome> found =
                    GradientExecutor.alongPaths(BUDGET, 128, Linearisation.NONE).execute(model, plan, done -> {});
            double difference = exact.get(1).value() - exact.get(0).value();
            assertEquals(exact.get(0).value(), found.get(0).value(), 1e-5);
            assertEquals(exact.get(1).value(), found.get(1).value(), 0.03 * Math.abs(difference));
        }
    }

    @Test
    void batchesOfAnySizeGiveTheSame() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            for (long seed = 0; seed < 4; seed++) {
                SweepPlan plan = RandomPlans.withoutFunctions(new RandomPlans(model, seed).drawReading());
                List<CellOutcome> one =
                        GradientExecutor.atRuns(1, Linearisation.NONE).execute(model, plan, done -> {});
                List<CellOutcome> together = executor().execute(model, plan, done -> {});
                for (int i = 0; i < one.size(); i++) {
                    double value = one.get(i).value();
                    assertEquals(value, together.get(i).value(), 1e-4 * Math.max(1, Math.abs(value)), "cell " + i);
                }
            }
        }
    }

    @Test
    void whatCannotBeEstimatedSaysSo() {
        Edit edit = new Edit("blocks.0.hook_resid_mid", PositionRange.ALL, Part.ALL, new Zero());
        SweepPlan script = plan(Map.of(), new Cell(0, List.of(edit), new ScriptMetric(logits -> 0)));
        SweepPlan path = plan(Map.of(), new Cell(0, List.of(edit), METRIC));
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            assertThrows(ObjectiveException.class, () -> executor().execute(model, script, done -> {}));
            ObjectiveException noOther = assertThrows(
                    ObjectiveException.class,
                    () -> GradientExecutor.alongPaths(BUDGET, 2, Linearisation.NONE)
                            .execute(model, path, done -> {}));
            assertTrue(noOther.getMessage().contains("no other run"), noOther.getMessage());
        }
    }

    /** At its minimum, where both runs agree, a divergence has no slope. */
    @Test
    void aDivergenceFromTheRunItselfHasNoSlope() {
        Edit edit = new Edit("blocks.0.hook_resid_mid", PositionRange.ALL, Part.ALL, new Zero());
        SweepPlan plan = plan(Map.of(), new Cell(0, List.of(edit), new KlDivergence(0)));
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            assertEquals(0, executor().execute(model, plan, done -> {}).get(0).value(), 1e-5);
        }
    }
}
