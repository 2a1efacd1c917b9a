package dev.kausal.engine.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kausal.engine.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tokens that end a text, from the files of a model. */
final class EndTokensTest {
    private static final Path TINY = Path.of("src/test/resources/tiny");

    @TempDir
    private Path folder;

    private List<Integer> endTokens(String inConfig, String generation) throws IOException {
        for (String file : List.of("config.json", "model.safetensors")) {
            Path copy = folder.resolve(file);
            Files.deleteIfExists(copy);
            Files.copy(TINY.resolve("llama").resolve(file), copy);
        }
        Path config = folder.resolve("config.json");
        String text = Files.readString(config).replaceAll("\"eos_token_id\": *[^,]*,", "");
        Files.writeString(config, text.replaceFirst("\\{", "{" + inConfig));
        Path own = folder.resolve("generation_config.json");
        Files.deleteIfExists(own);
        if (!generation.isEmpty()) {
            Files.writeString(own, generation);
        }
        try (ModelSource source = ModelSource.open(folder)) {
            return source.endTokens();
        }
    }

    @Test
    void generationConfigComesFirst() throws IOException {
        assertEquals(List.of(5, 7), endTokens("\"eos_token_id\": 3,", "{\"eos_token_id\": [5, 7]}"));
        assertEquals(List.of(5), endTokens("\"eos_token_id\": 3,", "{\"eos_token_id\": 5}"));
    }

    @Test
    void configFollows() throws IOException {
        assertEquals(List.of(3), endTokens("\"eos_token_id\": 3,", ""));
        assertEquals(List.of(3), endTokens("\"eos_token_id\": 3,", "{\"temperature\": 0.6}"));
        assertEquals(List.of(3, 4), endTokens("\"eos_token_id\": [3, 4],", ""));
        assertEquals(List.of(), endTokens("\"eos_token_id\": null,", ""));
        assertEquals(List.of(), endTokens("\"eos_token_id\": -1,", ""));
    }

    @Test
    void anythingElseIsRefused() {
        ConfigException error = assertThrows(ConfigException.class, () -> endTokens("\"eos_token_id\": \"</s>\",", ""));
        assertEquals(
                "Cannot read the model's config in " + folder.resolve("config.json")
                        + ": field 'eos_token_id' is </s>. Set a token id, or a list of them.",
                error.getMessage());
    }

    @Test
    void ggufStatesThemInItsMetadata() {
        try (ModelSource source = ModelSource.open(TINY.resolve("llama.gguf"))) {
            assertEquals(List.of(), source.endTokens());
        }
    }
}
