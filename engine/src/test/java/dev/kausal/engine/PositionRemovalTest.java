package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.analysis.attention.AttentionRangeException;
import dev.kausal.engine.analysis.attention.PositionRemoval;
import dev.kausal.engine.analysis.attention.PositionRemoval.How;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.ScriptFunction;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.Logit;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Removed patches and tokens: nobody sees what was masked, and both executors agree. */
@ExtendWith(NoOpenArrays.class)
final class PositionRemovalTest {
    private static final int[] GONE = {1, 2, 5};

    private static Input image(HookedModel model, String name) {
        return TinyModels.reference(name).prompts().get(0).input(model.config());
    }

    @ParameterizedTest
    @ValueSource(strings = {"vit", "timm-vit-gap", "dinov2", "distilbert-classes"})
    void bothExecutorsGiveOneNumber(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            Input input = model.config().readsImages() ? image(model, name) : Input.tokens(3, 17, 42, 5, 28, 9, 4);
            List<Cell> cells = new ArrayList<>();
            for (How how : How.values()) {
                List<Edit> edits = PositionRemoval.edits(model.config(), GONE, input.length(), how, List.of(0));
                for (Metric metric : List.of(new Logit(0), new Logit(1))) {
                    cells.add(new Cell(0, List.of(), metric));
                    cells.add(new Cell(0, edits, metric));
                }
            }
            SweepPlan plan = new SweepPlan(List.of(new Run(input, List.of())), cells);
            List<CellOutcome> plain = new PlainExecutor().execute(model, plan, done -> {});
            List<CellOutcome> wave = new BatchedExecutor(1L << 30).execute(model, plan, done -> {});
            for (int i = 0; i < cells.size(); i++) {
                assertEquals(plain.get(i).value(), wave.get(i).value(), 1e-5);
                boolean edited = i % 2 == 1;
                assertEquals(edited, plain.get(i).largestChange() > 0);
                if (edited) {
                    assertTrue(Math.abs(plain.get(i).value() - plain.get(i - 1).value()) > 1e-6);
                }
            }
        }
    }

    @Test
    void whatIsMaskedHasNoWeightAndNoEffect() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("vit"));
                NDManager manager = Torch.manager()) {
            Input input = image(model, "vit");
            List<Edit> mask = PositionRemoval.edits(model.config(), GONE, input.length(), How.MASK, List.of());
            List<Edit> both =
                    new ArrayList<>(PositionRemoval.edits(model.config(), GONE, input.length(), How.ZERO, List.of()));
            both.addAll(mask);
            var plan = new SweepPlan(
                    List.of(new Run(input, List.of())),
                    List.of(
                            new Cell(0, mask, new LogitDifference(0, 1)),
                            new Cell(0, both, new LogitDifference(0, 1))));
            List<CellOutcome> outcomes = new PlainExecutor().execute(model, plan, done -> {});
            assertEquals(outcomes.get(0).value(), outcomes.get(1).value(), 1e-6);
            Hooks hooks = new Hooks(model.points());
            mask.forEach(edit -> hooks.edit(
                    edit.site(),
                    (x, point) ->
                            ((ScriptFunction) edit.replacement()).function().apply(x)));
            ActivationCache cache = hooks.capture("blocks.*.attn.hook_pattern", manager);
            model.outputsAt(input, 0, hooks, manager);
            for (int key : GONE) {
                assertEquals(
                        0,
                        cache.get("blocks.1.attn.hook_pattern")
                                .get(":,:,:," + key)
                                .sum()
                                .getFloat());
            }
        }
    }

    @Test
    void neighboursAreOneEdit() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("vit"))) {
            List<Edit> edits = PositionRemoval.edits(model.config(), new int[] {5, 2, 1, 2}, 10, How.ZERO, List.of());
            assertEquals(2, edits.size());
            assertEquals(2, edits.get(0).rows().last());
        }
    }

    @Test
    void theMostAttendedAreFoundInOrder() {
        assertArrayEquals(new int[] {0, 3}, PositionRemoval.most(new double[] {0.3, 0.1, 0.3, 0.5}, 2));
        assertArrayEquals(new int[0], PositionRemoval.most(new double[] {1}, 0));
    }

    @Test
    void aMaskThatLeavesNothingIsRefused() {
        try (HookedModel vision = HookedModel.open(TinyModels.folder("vit"));
                HookedModel causal = HookedModel.open(TinyModels.folder("gpt2"))) {
            assertSaid(
                    "leaves a query nothing",
                    () -> PositionRemoval.edits(vision.config(), new int[] {0, 1}, 2, How.MASK, List.of()));
            assertSaid(
                    "including the first",
                    () -> PositionRemoval.edits(causal.config(), new int[] {0}, 5, How.MASK, List.of()));
            assertSaid(
                    "Position 9", () -> PositionRemoval.edits(vision.config(), new int[] {9}, 5, How.ZERO, List.of()));
        }
    }

    private static void assertSaid(String part, org.junit.jupiter.api.function.Executable wrong) {
        String message = assertThrows(AttentionRangeException.class, wrong).getMessage();
        assertTrue(message.contains(part), message);
    }
}
