package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.certify.Reference;
import dev.kausal.engine.family.WeightMismatchException;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.ModelSource;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.tokens.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Families in llama.cpp's layout, as bench/make_tiny_gguf.py wrote them, against the dumps of the same weights. */
final class GgufFamiliesTest {
    private static final Path MATRIX = Path.of("src/test/resources/matrix");

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
    @CsvSource({
        "llama, linear, rope_scaling linear",
        "llama, yarn, rope_scaling yarn",
        "llama, without-tokenizer, as it is",
        "phi3, longrope, rope_scaling longrope with factors"
    })
    void metadataIsReadAsTheSameConfig(String family, String file, String name) throws IOException {
        MatrixCase one = MatrixCase.of(MATRIX.resolve(family + ".json")).stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        try (HookedModel model = HookedModel.open(MATRIX.resolve(family + "-" + file + ".gguf"))) {
            assertEquals(new MatrixCase.Outcome.Equal(), one.run(model));
            assertEquals(!file.equals("without-tokenizer"), model.tokenizer().isPresent());
        }
    }

    @Test
    void factorsThatTheMetadataAsksForMustBeInTheFile() {
        Path file = MATRIX.resolve("phi3-longrope-without-factors.gguf");
        WeightMismatchException refused = assertThrows(
                WeightMismatchException.class, () -> ModelSource.open(file).close());
        assertTrue(refused.getMessage().contains("rope_factors_short.weight"), refused.getMessage());
    }

    @Test
    void aTokenizerThatDoesNotNameItsCutIsWarnedAbout() {
        Map<String, Object> metadata = new HashMap<>(Map.of("tokenizer.ggml.model", "gpt2"));
        assertTrue(Tokenizers.ggufWarnings(metadata).get(0).contains("tokenizer.ggml.pre"));
        metadata.put("tokenizer.ggml.pre", "default");
        assertEquals(1, Tokenizers.ggufWarnings(metadata).size());
        metadata.put("tokenizer.ggml.pre", "gpt-2");
        assertEquals(List.of(), Tokenizers.ggufWarnings(metadata));
        assertEquals(List.of(), Tokenizers.ggufWarnings(Map.of("tokenizer.ggml.model", "llama")));
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
