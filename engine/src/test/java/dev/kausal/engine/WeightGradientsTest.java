package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.gradients.WeightGradients;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients of a training loss with respect to every parameter, against PyTorch's, and what they are for. */
@ExtendWith(NoOpenArrays.class)
final class WeightGradientsTest {
    /** The reference's prompts of several tokens. */
    private static List<Input> prompts(String name, HookedModel model) {
        return TinyModels.reference(name).prompts().stream()
                .map(prompt -> prompt.input(model.config()))
                .filter(input -> input.length() > 1)
                .toList();
    }

    /**
     * A checkpoint's transforms are linear: what they make of the reference's gradients, stored under the weights' names,
     * is the gradient of what they make of the weights.
     */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "deberta-v3"})
    void everyParametersGradientIsPyTorchs(String name, @TempDir Path asCheckpoint) throws Exception {
        Path folder = TinyModels.folder(name);
        Files.copy(folder.resolve("config.json"), asCheckpoint.resolve("config.json"));
        Files.copy(folder.resolve("weight-gradients.safetensors"), asCheckpoint.resolve("model.safetensors"));
        try (HookedModel model = HookedModel.open(folder);
                HookedModel reference = HookedModel.open(asCheckpoint);
                NDManager manager = Torch.manager()) {
            Map<Weights.Place, NDArray> expected = reference.weights().parameters();
            WeightGradients found = WeightGradients.of(model, prompts(name, model), Objective.nextTokenLoss(), manager);
            assertSame(expected, found);
        }
    }

    /** Asserts that each parameter's gradient is the expected one, to 1e-5 of its largest entry. */
    static void assertSame(Map<Weights.Place, NDArray> expected, WeightGradients found) {
        assertEquals(expected.keySet(), found.all().keySet());
        expected.forEach((place, gradient) -> {
            float size = gradient.abs().max().getFloat();
            float gap = gradient.sub(found.all().get(place)).abs().max().getFloat();
            assertTrue(size > 0 && gap <= 1e-5 * size, place + " is off by " + gap + " where entries reach " + size);
        });
    }

    @Test
    void descendingTheGradientTeachesATinyModelToCopy() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("gpt2"));
                NDManager manager = Torch.manager()) {
            Random random = new Random(5);
            double first = loss(model, batch(random, 8), manager);
            for (int step = 0; step < 60; step++) {
                try (WeightGradients found =
                        WeightGradients.of(model, batch(random, 8), Objective.nextTokenLoss(), manager)) {
                    model.weights()
                            .parameters()
                            .forEach((place, weight) ->
                                    weight.subi(found.all().get(place).mul(0.1f)));
                }
            }
            double last = loss(model, batch(random, 8), manager);
            assertTrue(last < 0.7 * first, "loss was " + first + ", is " + last);
        }
    }

    /** Sequences that repeat one token. */
    private static List<Input> batch(Random random, int count) {
        return random.ints(count, 0, 61)
                .mapToObj(token -> Input.tokens(new int[] {token, token, token, token, token, token}))
                .toList();
    }

    private static double loss(HookedModel model, List<Input> batch, NDManager manager) {
        try (WeightGradients found = WeightGradients.of(model, batch, Objective.nextTokenLoss(), manager)) {
            return found.value();
        }
    }
}
