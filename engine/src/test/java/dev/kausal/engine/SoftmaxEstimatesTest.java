package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Replacement;
import dev.kausal.engine.edits.SingleEdit;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.estimates.GradientExecutor;
import dev.kausal.engine.exec.PlainSources;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.gradients.ObjectiveException;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Estimates through the softmax, against the pattern that the model itself computes under the edit. */
@ExtendWith(NoOpenArrays.class)
final class SoftmaxEstimatesTest {
    private static final int[] CLEAN = {3, 17, 42, 5, 28};
    private static final int[] OTHER = {3, 9, 42, 50, 28};
    private static final Metric METRIC = new LogitDifference(7, 11);
    private static final String PATTERN = "blocks.1.attn.hook_pattern";
    private static final Linearisation COMPUTED = new Linearisation(
            Linearisation.Norms.THROUGH,
            Linearisation.Patterns.THROUGH,
            Linearisation.Activations.SLOPE,
            Linearisation.Gates.PRODUCT,
            Linearisation.Mlps.THROUGH,
            Linearisation.Softmax.COMPUTED);

    @ParameterizedTest
    @CsvSource({
        "gpt2, attn.hook_q", "gpt2, attn.hook_k", "llama, attn.hook_q", "llama, attn.hook_k",
        "llama, attn.hook_rot_q", "llama, attn.hook_rot_k", "llama, attn.hook_attn_scores", "gpt-neox, attn.hook_q",
        "gpt-neox, attn.hook_k", "qwen3, attn.hook_rot_q", "qwen3, attn.hook_rot_k", "qwen3, attn.hook_k_normed",
        "gemma2, attn.hook_attn_scores"
    })
    void theChangeOfThePatternIsTheModels(String name, String suffix) {
        String site = "blocks.1." + suffix;
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager manager = Torch.manager()) {
            for (Replacement value :
                    List.of(new FromRun(1, PositionRange.ALL), new FromRun(1, new PositionRange(1, 1)))) {
                FromRun from = (FromRun) value;
                for (Part part : List.of(Part.ALL, new Part.Head(1))) {
                    Edit edit = new Edit(site, from.rows(), part, value);
                    SweepPlan plan = plan(edit);
                    double found = GradientExecutor.atRuns(1L << 28, COMPUTED)
                            .execute(model, plan, done -> {})
                            .get(0)
                            .value();
                    double expected = byHand(model, plan, edit, manager);
                    assertEquals(expected, found, 2e-5 * Math.max(1, Math.abs(expected)), edit.toString());
                }
            }
        }
    }

    private static SweepPlan plan(Edit edit) {
        List<Run> runs = List.of(new Run(CLEAN, List.of()), new Run(OTHER, List.of()));
        return new SweepPlan(runs, List.of(new Cell(0, List.of(edit), METRIC)));
    }

    private static double byHand(HookedModel model, SweepPlan plan, Edit edit, NDManager manager) {
        List<Input> inputs = List.of(Input.tokens(CLEAN));
        Gradients gradients = Gradients.of(
                model, inputs, Objective.of(METRIC), point -> point.name().equals(PATTERN), manager);
        Hooks hooks = new Hooks(model.points());
        try (PlainSources sources = PlainSources.collect(model, plan)) {
            hooks.edit(edit.site(), new SingleEdit(edit, sources));
            ActivationCache cache = hooks.capture(PATTERN, manager);
            model.lastLogits(List.of(CLEAN), hooks, manager);
            NDArray change = cache.get(PATTERN).sub(gradients.activations().get(PATTERN));
            assertTrue(change.abs().max().getFloat() > 1e-4, edit.toString());
            return gradients.value() + change.mul(gradients.get(PATTERN)).sum().getFloat();
        }
    }

    @Test
    void whatAscoreIsNotLinearInIsRefused() {
        Edit edit = new Edit("blocks.1.attn.hook_q", PositionRange.ALL, Part.ALL, new Zero());
        for (String name : List.of("qwen3", "gemma2", "deberta-v3")) {
            try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
                ObjectiveException refused = assertThrows(
                        ObjectiveException.class,
                        () -> GradientExecutor.atRuns(1L << 28, COMPUTED).execute(model, plan(edit), done -> {}));
                assertTrue(refused.getMessage().contains("hook_q"), refused.getMessage());
            }
        }
    }
}
