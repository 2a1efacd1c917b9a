package dev.kausal.engine.model;

import dev.kausal.engine.config.ConfigException;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.files.SmallFiles;
import dev.kausal.engine.tokens.ChatTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads chat templates from a model's files. */
final class ChatTemplates {
    private static final String CONFIG = "tokenizer_config.json";
    private static final String FILE = "chat_template.jinja";
    private static final String FIELD = "chat_template";
    private static final List<String> TOKENS = List.of("bos_token", "eos_token", "unk_token", "pad_token");
    private static final Map<String, String> GGUF_TOKENS = Map.of(
            "bos_token", "tokenizer.ggml.bos_token_id",
            "eos_token", "tokenizer.ggml.eos_token_id",
            "unk_token", "tokenizer.ggml.unknown_token_id",
            "pad_token", "tokenizer.ggml.padding_token_id");

    private ChatTemplates() {}

    /** Returns that of chat_template.jinja, or of tokenizer_config.json; of several there, the one called default. */
    static Optional<ChatTemplate> ofFolder(Path folder) {
        Optional<ConfigFields> config =
                Files.exists(folder.resolve(CONFIG)) ? Optional.of(ModelJson.read(folder, CONFIG)) : Optional.empty();
        Optional<String> source =
                Files.exists(folder.resolve(FILE)) ? Optional.of(text(folder)) : config.flatMap(ChatTemplates::source);
        return source.map(
                text -> new ChatTemplate(text, config.map(ChatTemplates::tokens).orElse(Map.of())));
    }

    private static String text(Path folder) {
        try {
            return SmallFiles.text(folder.resolve(FILE), SmallFiles.CONFIG);
        } catch (IOException e) {
            throw new ConfigException(folder, FILE + " cannot be read (" + e.getMessage() + ").", "Fetch it again.");
        }
    }

    private static Optional<String> source(ConfigFields config) {
        Object value = config.raw(FIELD);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof String one) {
            return Optional.of(one);
        }
        if (value instanceof List<?> several) {
            for (Object one : several) {
                if (one instanceof Map<?, ?> named
                        && "default".equals(named.get("name"))
                        && named.get("template") instanceof String template) {
                    return Optional.of(template);
                }
            }
            return Optional.empty();
        }
        throw new ConfigException(
                config.where(),
                "field '" + FIELD + "' is neither a text nor a list of templates.",
                "Fetch the file again, or remove the field.");
    }

    private static Map<String, String> tokens(ConfigFields config) {
        Map<String, String> tokens = new LinkedHashMap<>();
        for (String name : TOKENS) {
            Object value = config.raw(name);
            // A token with its rules is an object.
            Object text = value instanceof Map<?, ?> rules ? rules.get("content") : value;
            if (text instanceof String found) {
                tokens.put(name, found);
            }
        }
        return tokens;
    }

    /** Returns that of a GGUF file's key-values. */
    static Optional<ChatTemplate> ofGguf(Map<String, Object> metadata) {
        if (!(metadata.get("tokenizer.chat_template") instanceof String source)) {
            return Optional.empty();
        }
        Map<String, String> tokens = new LinkedHashMap<>();
        GGUF_TOKENS.forEach((name, key) -> {
            String text = token(metadata, metadata.get(key));
            if (text != null) {
                tokens.put(name, text);
            }
        });
        return Optional.of(new ChatTemplate(source, tokens));
    }

    private static @Nullable String token(Map<String, Object> metadata, @Nullable Object id) {
        if (!(id instanceof Number number) || !(metadata.get("tokenizer.ggml.tokens") instanceof List<?> texts)) {
            return null;
        }
        int index = number.intValue();
        return index >= 0 && index < texts.size() && texts.get(index) instanceof String text ? text : null;
    }
}
