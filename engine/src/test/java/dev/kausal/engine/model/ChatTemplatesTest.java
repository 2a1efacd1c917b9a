package dev.kausal.engine.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.kausal.engine.config.ConfigException;
import dev.kausal.engine.tokens.ChatTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a model's files keep its chat template. */
final class ChatTemplatesTest {
    @TempDir
    Path folder;

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    @Test
    void aFolderWithoutOneHasNone() throws IOException {
        assertEquals(Optional.empty(), ChatTemplates.ofFolder(folder));
        write("tokenizer_config.json", "{\"bos_token\": \"<s>\"}");
        assertEquals(Optional.empty(), ChatTemplates.ofFolder(folder));
    }

    @Test
    void theConfigsTemplateKnowsItsTokens() throws IOException {
        write(
                "tokenizer_config.json",
                "{\"chat_template\": \"a\", \"bos_token\": {\"content\": \"<s>\", \"lstrip\": false},"
                        + " \"eos_token\": \"</s>\", \"pad_token\": null}");
        ChatTemplate found = ChatTemplates.ofFolder(folder).orElseThrow();
        assertEquals(new ChatTemplate("a", Map.of("bos_token", "<s>", "eos_token", "</s>")), found);
    }

    @Test
    void ofSeveralTheDefaultIsTaken() throws IOException {
        write(
                "tokenizer_config.json",
                "{\"chat_template\": [{\"name\": \"rag\", \"template\": \"r\"},"
                        + " {\"name\": \"default\", \"template\": \"d\"}]}");
        assertEquals("d", ChatTemplates.ofFolder(folder).orElseThrow().source());
    }

    @Test
    void aFileOfItsOwnComesFirst() throws IOException {
        write("tokenizer_config.json", "{\"chat_template\": \"old\", \"bos_token\": \"<s>\"}");
        write("chat_template.jinja", "new");
        ChatTemplate found = ChatTemplates.ofFolder(folder).orElseThrow();
        assertEquals(new ChatTemplate("new", Map.of("bos_token", "<s>")), found);
    }

    @Test
    void anythingElseIsAMistake() throws IOException {
        write("tokenizer_config.json", "{\"chat_template\": 3}");
        assertThrows(ConfigException.class, () -> ChatTemplates.ofFolder(folder));
    }

    @Test
    void aGgufFileNamesTokensById() {
        Map<String, Object> metadata = Map.of(
                "tokenizer.chat_template",
                "a",
                "tokenizer.ggml.tokens",
                List.of("x", "<s>"),
                "tokenizer.ggml.bos_token_id",
                1L,
                "tokenizer.ggml.eos_token_id",
                7L);
        assertEquals(
                new ChatTemplate("a", Map.of("bos_token", "<s>")),
                ChatTemplates.ofGguf(metadata).orElseThrow());
        assertEquals(Optional.empty(), ChatTemplates.ofGguf(Map.of()));
    }
}
