package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.gradients.EmbeddingPath;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.gradients.ObjectiveException;
import dev.kausal.engine.gradients.PathGradients;
import dev.kausal.engine.gradients.RecordedPass;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients along the line between two runs' input embeddings. */
@ExtendWith(NoOpenArrays.class)
final class PathGradientsTest {
    private static final Input CLEAN = Input.tokens(3, 17, 42, 5, 28);
    private static final Input OTHER = Input.tokens(3, 9, 42, 50, 28);
    private static final Metric METRIC = new LogitDifference(7, 11);

    private static RecordedPass pass(HookedModel model, Input... inputs) {
        List<Metric> metrics = List.of(inputs).stream().map(input -> METRIC).toList();
        return new RecordedPass(model, List.of(inputs), new Hooks(model.points()), Objective.sum(metrics, List.of()));
    }

    private static Predicate<HookPoint> at(String name) {
        return point -> point.name().equals(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gemma2", "gpt-neox"})
    void theFirstPointIsTheOtherRun(String name) {
        String point = "blocks.1.attn.hook_z";
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager manager = Torch.manager()) {
            EmbeddingPath path = EmbeddingPath.between(model, List.of(OTHER), List.of(CLEAN), 1, manager);
            NDArray found = PathGradients.of(pass(model, CLEAN), path, at(point), manager)
                    .get(point);
            NDArray expected =
                    Gradients.of(pass(model, OTHER), at(point), manager).get(point);
            double size = expected.abs().max().getFloat();
            assertEquals(0, found.sub(expected).abs().max().getFloat(), 1e-6 * size);
        }
    }

    /** The fundamental theorem: along the whole path, the gradients add up to the difference of its ends. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gemma2", "gpt-neox"})
    void gradientsAtTheEmbeddingAddUpToTheDifference(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager manager = Torch.manager()) {
            double difference = value(model, CLEAN, manager) - value(model, OTHER, manager);
            double coarse = error(model, 8, difference, manager);
            double fine = error(model, 128, difference, manager);
            assertTrue(fine < 0.03 * Math.abs(difference), fine + " of " + difference);
            assertTrue(fine < coarse / 4, fine + " after " + coarse);
        }
    }

    private static double value(HookedModel model, Input input, NDManager manager) {
        return Gradients.of(pass(model, input), at("hook_embed"), manager).value();
    }

    private static double error(HookedModel model, int steps, double difference, NDManager manager) {
        EmbeddingPath path = EmbeddingPath.between(model, List.of(OTHER), List.of(CLEAN), steps, manager);
        NDArray gradient = PathGradients.of(pass(model, CLEAN), path, at("hook_embed"), manager)
                .get("hook_embed");
        NDArray change = path.to().get(0).sub(path.from().get(0));
        return Math.abs(gradient.mul(change).sum().getFloat() - difference);
    }

    @Test
    void inputsOfSeveralLengthsGiveWhatEachGivesAlone() {
        Input shorter = Input.tokens(9, 4, 50);
        Input itsOther = Input.tokens(8, 4, 51);
        String point = "blocks.0.hook_resid_mid";
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"));
                NDManager manager = Torch.manager()) {
            EmbeddingPath path =
                    EmbeddingPath.between(model, List.of(OTHER, itsOther), List.of(CLEAN, shorter), 3, manager);
            List<NDArray> together = PathGradients.of(pass(model, CLEAN, shorter), path, at(point), manager)
                    .segments(point);
            EmbeddingPath alone = EmbeddingPath.between(model, List.of(itsOther), List.of(shorter), 3, manager);
            NDArray expected = PathGradients.of(pass(model, shorter), alone, at(point), manager)
                    .get(point);
            double size = expected.abs().max().getFloat();
            assertEquals(0, together.get(1).sub(expected).abs().max().getFloat(), 1e-5 * size);
            ObjectiveException lengths = assertThrows(
                    ObjectiveException.class,
                    () -> EmbeddingPath.between(model, List.of(OTHER), List.of(shorter), 3, manager));
            assertTrue(lengths.getMessage().contains("5 positions and the other 3"), lengths.getMessage());
        }
    }
}
