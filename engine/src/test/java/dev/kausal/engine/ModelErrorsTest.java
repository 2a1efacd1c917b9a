package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kausal.engine.errors.KausalException;
import dev.kausal.engine.model.HookedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Models that cannot be opened say which field or tensor is at fault. */
final class ModelErrorsTest {
    @TempDir
    Path folder;

    private void copy(String config) throws IOException {
        Path tiny = Path.of("src/test/resources/tiny/llama");
        Files.copy(tiny.resolve("model.safetensors"), folder.resolve("model.safetensors"));
        Files.writeString(folder.resolve("config.json"), config);
    }

    private static String config() throws IOException {
        return Files.readString(Path.of("src/test/resources/tiny/llama/config.json"));
    }

    private String message() {
        KausalException e = assertThrows(
                KausalException.class, () -> HookedModel.open(folder).close());
        assertTrue(e.blame() == KausalException.Blame.USER);
        return e.getMessage();
    }

    @ParameterizedTest
    @CsvSource({
        "model_type, '\"llama\"', '\"mamba\"', mamba",
        "hidden_act, '\"silu\"', '\"mish\"', mish",
        "num_hidden_layers, 3, 4, model.layers.3",
        "num_hidden_layers, 3, 2, not expected",
        "intermediate_size, 44, 45, 44",
        "num_hidden_layers, 3, 0, num_hidden_layers",
        "num_key_value_heads, 2, 3, multiple",
    })
    void aFieldThatDoesNotFit(String field, String from, String to, String said) throws IOException {
        String changed = config().replaceAll("\"" + field + "\":\\s*" + from, "\"" + field + "\": " + to);
        assertTrue(!changed.equals(config()), "the test's own replacement");
        copy(changed);
        String message = message();
        assertTrue(message.contains(said), message);
    }

    @Test
    void configThatIsNotJsonOrNotThere() throws IOException {
        copy("{");
        assertTrue(message().contains("not JSON"));
        Files.delete(folder.resolve("config.json"));
        assertTrue(message().contains("config.json"));
    }

    @Test
    void aTruncatedFile() throws IOException {
        copy(config());
        byte[] bytes = Files.readAllBytes(folder.resolve("model.safetensors"));
        Files.write(folder.resolve("model.safetensors"), java.util.Arrays.copyOf(bytes, bytes.length - 100));
        assertTrue(message().contains("model.safetensors"));
    }
}
