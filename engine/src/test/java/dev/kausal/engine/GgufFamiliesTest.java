package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.certify.Reference;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Families in llama.cpp's layout, as bench/make_tiny_gguf.py wrote them, against the dumps of the same weights. */
final class GgufFamiliesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpt2",
                "llama",
                "llama3-rope-scaling",
                "gpt-neox",
                "gpt-neox-sequential",
                "qwen2",
                "qwen3",
                "gemma",
                "granite",
                "gemma2",
                "gemma3",
                "olmo2",
                "smollm3-fourth",
                "stablelm",
                "stablelm-parallel",
                "phi3"
            })
    void outputsAreTheReferences(String name) {
        assertOutputs(name + ".gguf", name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"llama-parts", "llama-parts/llama-00001-of-00003.gguf", "llama-parts/llama-00003-of-00003.gguf"})
    void aFileInParts(String path) {
        assertOutputs(path, "llama");
    }

    @ParameterizedTest
    @CsvSource({"linear, rope_scaling linear", "yarn, rope_scaling yarn", "without-tokenizer, as it is"})
    void metadataIsReadAsTheSameConfig(String file, String name) throws IOException {
        Path matrix = Path.of("src/test/resources/matrix");
        MatrixCase one = MatrixCase.of(matrix.resolve("llama.json")).stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        try (HookedModel model = HookedModel.open(matrix.resolve("llama-" + file + ".gguf"))) {
            assertEquals(new MatrixCase.Outcome.Equal(), one.run(model));
            assertEquals(!file.equals("without-tokenizer"), model.tokenizer().isPresent());
        }
    }

    /** The pooler, which no later row reads, is not in the file. */
    @Test
    void theBodyOfAnEncoderGivesTheReferencesHiddenStates() {
        assertOutputs("minilm-body.gguf", "minilm");
    }

    private static void assertOutputs(String file, String name) {
        try (HookedModel model = HookedModel.open(Path.of("src/test/resources/tiny", file));
                NDManager manager = Torch.manager()) {
            for (Reference.Prompt prompt : TinyModels.reference(name).prompts()) {
                Hooks none = new Hooks(model.points());
                NDArray found = model.outputs(List.of(prompt.input(model.config())), none, manager);
                assertArrayEquals(prompt.output(), found.toFloatArray(), 2e-5f, name);
            }
        }
    }
}
