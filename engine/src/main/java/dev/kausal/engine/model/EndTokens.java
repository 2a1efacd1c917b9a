package dev.kausal.engine.model;

import dev.kausal.engine.config.ConfigException;
import dev.kausal.engine.config.ConfigFields;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tokens after which a model's texts end, as its files state them. */
final class EndTokens {
    private static final String FIELD = "eos_token_id";
    private static final String GENERATION = "generation_config.json";

    private EndTokens() {}

    /** Returns those of generation_config.json; without it, or if it names none, those of config.json. */
    static List<Integer> ofFolder(Path folder, ConfigFields config) {
        if (Files.exists(folder.resolve(GENERATION))) {
            ConfigFields own = ModelJson.read(folder, GENERATION);
            List<Integer> tokens = of(own.raw(FIELD), own.where());
            if (!tokens.isEmpty()) {
                return tokens;
            }
        }
        return of(config.raw(FIELD), config.where());
    }

    /** Returns those of a GGUF file: the end of a text, and the end of a turn. */
    static List<Integer> ofGguf(Map<String, Object> metadata, Path path) {
        return Stream.of("tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id")
                .map(metadata::get)
                .filter(Objects::nonNull)
                .flatMap(value -> of(value, path).stream())
                .distinct()
                .toList();
    }

    private static List<Integer> of(@Nullable Object value, Object where) {
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> several) {
            return several.stream()
                    .flatMap(one -> of(one, where).stream())
                    .distinct()
                    .toList();
        }
        if (value instanceof Number number && number.doubleValue() == number.intValue()) {
            // Some configs state -1 for none.
            return number.intValue() < 0 ? List.of() : List.of(number.intValue());
        }
        throw new ConfigException(
                where, "field '" + FIELD + "' is " + value + ".", "Set a token id, or a list of them.");
    }
}
