package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.certify.Reference;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real models against what bench/dump_reference.py wrote of them with transformers. */
final class RealModelsTest {
    private static final double TOLERANCE = 5e-5;

    @ParameterizedTest
    @ValueSource(strings = {"smollm2-135m-q4", "minilm-l6", "sre-minilm-l6"})
    void outputsAndKeptPointsAreTheReferences(String id) {
        Path path = RealModels.of(id);
        Reference reference = Reference.read(Path.of("src/test/resources/peers", id + ".safetensors"));
        assertEquals(id, reference.model().orElseThrow());
        assertEquals(2, reference.prompts().size());
        try (HookedModel model = HookedModel.open(path)) {
            reference.prompts().forEach(prompt -> compare(model, prompt));
        }
    }

    private static void compare(HookedModel model, Reference.Prompt prompt) {
        try (NDManager manager = Torch.manager()) {
            Hooks hooks = new Hooks(model.points());
            ActivationCache cache = hooks.capture(point -> prompt.points().containsKey(point.name()), manager);
            NDArray outputs = model.outputs(List.of(prompt.input(model.config())), hooks, manager);
            float[] found = outputs.toFloatArray();
            // Where only the last position's outputs are kept, they are the last.
            float[] last = Arrays.copyOfRange(found, found.length - prompt.output().length, found.length);
            assertTrue(prompt.output().length > 0);
            near("outputs", prompt.output(), last);
            prompt.points()
                    .forEach(
                            (name, values) -> near(name, values, cache.get(name).toFloatArray()));
        }
    }

    private static void near(String name, float[] expected, float[] found) {
        assertEquals(expected.length, found.length, name);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], found[i], TOLERANCE, name + " at " + i);
        }
    }
}
