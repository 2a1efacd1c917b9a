package dev.kausal.engine.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kausal.engine.errors.KausalException;
import dev.kausal.engine.weights.SafetensorsWriter;
import dev.kausal.engine.weights.SafetensorsWriter.Precision;
import dev.kausal.engine.weights.SafetensorsWriter.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Adapters that cannot be merged say why; those that can are compared in TinyModelsTest. */
final class LoraFolderTest {
    private static final Path TINY = Path.of("src/test/resources/tiny").toAbsolutePath();

    @TempDir
    Path folder;

    private String refused(String field, String value) throws IOException {
        JsonObject config = JsonParser.parseString(Files.readString(TINY.resolve("llama-lora/adapter_config.json")))
                .getAsJsonObject();
        config.addProperty("base_model_name_or_path", TINY.resolve("llama").toString());
        config.add(field, JsonParser.parseString(value));
        Files.writeString(folder.resolve("adapter_config.json"), config.toString());
        if (!Files.exists(folder.resolve("adapter_model.safetensors"))) {
            Files.copy(
                    TINY.resolve("llama-lora/adapter_model.safetensors"), folder.resolve("adapter_model.safetensors"));
        }
        return assertThrows(
                        KausalException.class, () -> HookedModel.open(folder).close())
                .getMessage();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "use_dora | true | 'use_dora' is true",
                "peft_type | \"IA3\" | 'peft_type' is IA3",
                "alora_invocation_tokens | [3] | 'alora_invocation_tokens' is [3.0]",
                "base_model_name_or_path | null | 'base_model_name_or_path' is missing",
                "base_model_name_or_path | \"/no/such folder\" | does not exist",
                "base_model_name_or_path | \"nobody/no-such-model\" | nobody/no-such-model in the Hub's local cache",
            })
    void whatIsNotMerged(String field, String value, String said) throws IOException {
        String message = refused(field, value);
        assertTrue(message.contains(said), message);
    }

    @Test
    void aModuleThatTheBaseHasNot() throws IOException {
        Tensor a = new Tensor(
                "base_model.model.model.layers.7.mlp.up_proj.lora_A.weight", new long[] {1, 2}, new float[2]);
        Tensor b = new Tensor(
                "base_model.model.model.layers.7.mlp.up_proj.lora_B.weight", new long[] {2, 1}, new float[2]);
        SafetensorsWriter.write(folder.resolve("adapter_model.safetensors"), List.of(a, b), Precision.F32);
        String message = refused("r", "1");
        assertTrue(message.contains("layers.7.mlp.up_proj.lora_A.weight"), message);
        assertTrue(message.contains("merge_and_unload"), message);
    }

    @Test
    void theHashIsOfBaseAndAdapter() {
        try (ModelSource base = ModelSource.open(TINY.resolve("llama"));
                ModelSource adapted = ModelSource.open(TINY.resolve("llama-lora"))) {
            assertEquals(64, adapted.sha256().length());
            assertTrue(!adapted.sha256().equals(base.sha256()));
        }
    }
}
