package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.Gson;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.estimates.GradientExecutor;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Estimates of all heads against autograd's in PyTorch, by bench/estimates.py. */
@ExtendWith(NoOpenArrays.class)
final class EstimatesTest {
    /** Of the largest change; float32 against float64. */
    private static final double TOLERANCE = 1e-5;

    private record Heads(double[][] ablated, double[][] patched) {}

    private record Case(
            double value, double corrupted, Heads gradient, Heads integrated, Heads dropped, Heads droppedPath) {}

    private record Reference(int[] clean, int[] corrupted, int answer, int foil, int steps, Map<String, Case> models) {}

    private static Reference reference() throws Exception {
        Path file = Path.of("src/test/resources/analysis/estimates.json");
        return new Gson().fromJson(Files.readString(file), Reference.class);
    }

    private static final Linearisation DROPS = new Linearisation(
            Linearisation.Norms.THROUGH,
            Linearisation.Patterns.THROUGH,
            Linearisation.Activations.SLOPE,
            Linearisation.Gates.PRODUCT,
            Linearisation.Mlps.THROUGH,
            Linearisation.Softmax.SLOPE,
            new Linearisation.EachDropped());

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gemma2", "gpt-neox"})
    void estimatesAreAutograds(String name) throws Exception {
        Reference all = reference();
        Case expected = all.models().get(name);
        Metric metric = new LogitDifference(all.answer(), all.foil());
        List<Run> runs = List.of(new Run(all.clean(), List.of()), new Run(all.corrupted(), List.of()));
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            SweepPlan plan = new SweepPlan(runs, cells(model, metric), Map.of(0, 1));
            compare(
                    expected,
                    expected.gradient(),
                    expected.value(),
                    GradientExecutor.atRuns(1L << 28, Linearisation.NONE).execute(model, plan, done -> {}));
            compare(
                    expected,
                    expected.integrated(),
                    expected.value(),
                    GradientExecutor.alongPaths(1L << 28, all.steps(), Linearisation.NONE)
                            .execute(model, plan, done -> {}));
            compare(
                    expected,
                    expected.dropped(),
                    0,
                    GradientExecutor.atRuns(1L << 28, DROPS).execute(model, plan, done -> {}));
            compare(
                    expected,
                    expected.droppedPath(),
                    0,
                    GradientExecutor.alongPaths(1L << 28, all.steps(), DROPS).execute(model, plan, done -> {}));
        }
    }

    /** Both unedited runs, and each head ablated and patched. */
    private static List<Cell> cells(HookedModel model, Metric metric) {
        List<Cell> cells = new ArrayList<>(List.of(new Cell(0, List.of(), metric), new Cell(1, List.of(), metric)));
        for (int layer = 0; layer < model.config().layers(); layer++) {
            for (int head = 0; head < model.config().heads(); head++) {
                String site = "blocks." + layer + ".attn.hook_z";
                Part part = new Part.Head(head);
                PositionRange everywhere = PositionRange.ALL;
                cells.add(new Cell(0, List.of(new Edit(site, everywhere, part, new Zero())), metric));
                FromRun other = new FromRun(1, everywhere);
                cells.add(new Cell(0, List.of(new Edit(site, everywhere, part, other)), metric));
            }
        }
        return cells;
    }

    /** Compares values of heads, or sizes if their {@code base} is 0. */
    private static void compare(Case expected, Heads heads, double base, List<CellOutcome> found) {
        double size = 0;
        for (int layer = 0; layer < heads.ablated().length; layer++) {
            for (int head = 0; head < heads.ablated()[layer].length; head++) {
                size = Math.max(size, Math.abs(heads.ablated()[layer][head] - base));
                size = Math.max(size, Math.abs(heads.patched()[layer][head] - base));
            }
        }
        double allowed = TOLERANCE * Math.max(size, Math.abs(expected.value()));
        assertEquals(expected.value(), found.get(0).value(), allowed);
        assertEquals(expected.corrupted(), found.get(1).value(), allowed);
        int cell = 2;
        for (int layer = 0; layer < heads.ablated().length; layer++) {
            for (int head = 0; head < heads.ablated()[layer].length; head++) {
                String where = "layer " + layer + ", head " + head;
                assertEquals(heads.ablated()[layer][head], found.get(cell++).value(), allowed, where);
                assertEquals(heads.patched()[layer][head], found.get(cell++).value(), allowed, where);
            }
        }
        assertEquals(found.size(), cell);
    }
}
