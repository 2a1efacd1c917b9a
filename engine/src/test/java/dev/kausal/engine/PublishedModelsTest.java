package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.certify.Reference;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Configs of published models with smaller sizes: random weights, and the reference library's outputs on 90 and 5
 * tokens, from bench/make_published_models.py.
 */
@ExtendWith(NoOpenArrays.class)
final class PublishedModelsTest {
    private static final Path FOLDER = Path.of("src/test/resources/published");
    /** Relative to the larger of 1 and the largest output. */
    private static final double TOLERANCE = 1e-5;

    static Stream<Path> models() throws IOException {
        try (Stream<Path> folders = Files.list(FOLDER)) {
            return folders.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void outputsAreTheReferences(Path folder) {
        try (HookedModel model = HookedModel.open(folder);
                NDManager manager = Torch.manager()) {
            for (Reference.Prompt prompt :
                    Reference.read(folder.resolve("dump.safetensors")).prompts()) {
                float[] expected = prompt.output();
                float[] found = model.outputs(List.of(prompt.input(model.config())), new Hooks(model.points()), manager)
                        .toFloatArray();
                assertEquals(expected.length, found.length);
                double largest = 1;
                double difference = 0;
                for (int i = 0; i < expected.length; i++) {
                    largest = Math.max(largest, Math.abs(expected[i]));
                    difference = Math.max(difference, Math.abs(expected[i] - found[i]));
                }
                assertEquals(0, difference / largest, TOLERANCE, folder.toString());
            }
        }
    }
}
