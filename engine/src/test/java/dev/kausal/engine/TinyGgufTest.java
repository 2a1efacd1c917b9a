package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The tiny models as GGUF, by bench/make_tiny_gguf.py, against the same weights in Hugging Face's layout, which {@link
 * TinyModelsTest} holds against the reference.
 */
final class TinyGgufTest {
    private static final Path TINY = Path.of("src/test/resources/tiny");
    private static final int[] PROMPT = {3, 17, 42, 5, 28, 50, 11};

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama"})
    void everyHookPointIsExactlyThatOfTheFolder(String name) {
        try (NDManager manager = Torch.manager();
                HookedModel folder = HookedModel.open(TINY.resolve(name));
                HookedModel gguf = HookedModel.open(TINY.resolve(name + ".gguf"))) {
            ActivationCache expected = run(folder, manager);
            ActivationCache found = run(gguf, manager);
            assertEquals(expected.names(), found.names());
            for (String point : expected.names()) {
                NDArray activation = expected.get(point);
                assertArrayEquals(activation.toFloatArray(), found.get(point).toFloatArray(), point);
            }
        }
    }

    private static ActivationCache run(HookedModel model, NDManager manager) {
        Hooks hooks = new Hooks(model.points());
        ActivationCache cache = hooks.capture(point -> true, manager);
        model.logits(List.of(PROMPT), hooks, manager);
        return cache;
    }
}
