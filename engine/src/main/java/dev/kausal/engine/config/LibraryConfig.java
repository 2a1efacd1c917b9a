package dev.kausal.engine.config;

import com.google.gson.Gson;
import com.google.gson.annotations.SerializedName;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Fields and defaults of the reference library's configuration class for one {@code model_type}, from
 * library-configs.json (written by bench/dump_config_fields.py), which covers every family.
 *
 * @param aliases alternative field names, by the name that they stand for
 * @param defaults fields and their values if absent from config.json
 * @param nullable fields that may be null
 * @param rope rotary parameters if config.json names none; by layer type in some families
 */
record LibraryConfig(
        Map<String, String> aliases, Map<String, Object> defaults, Set<String> nullable, Map<String, Object> rope) {
    /** No fields and no defaults, for configs that are not the library's. */
    static final LibraryConfig NONE = new LibraryConfig(Map.of(), Map.of(), Set.of(), Map.of());

    private static final Known KNOWN = resource("library-configs.json", Known.class);
    private static final Without WITHOUT_INFLUENCE = resource("fields-without-influence.json", Without.class);

    LibraryConfig {
        rope = rope == null ? Map.of() : rope;
    }

    private record Known(String library, Map<String, LibraryConfig> models) {}

    private record Without(
            @SerializedName("every family") Set<String> everyFamily,
            @SerializedName("by model_type") Map<String, Set<String>> byModelType) {}

    /** Returns the library's class for {@code model_type}; {@link #NONE} if the table lacks it. */
    static LibraryConfig of(String modelType) {
        return KNOWN.models().getOrDefault(modelType, NONE);
    }

    /** Returns whether the field never affects inference in the library's models. */
    static boolean withoutInfluence(String modelType, String field) {
        return WITHOUT_INFLUENCE.everyFamily().contains(field)
                || WITHOUT_INFLUENCE
                        .byModelType()
                        .getOrDefault(modelType, Set.of())
                        .contains(field);
    }

    /** Returns the name and version of the library. */
    static String library() {
        return KNOWN.library();
    }

    boolean knows(String field) {
        return defaults.containsKey(field);
    }

    /**
     * Returns {@code config} with each alias replaced by its field; as in the library, an alias overrides the field.
     */
    Map<String, Object> named(Map<String, Object> config) {
        Map<String, Object> named = new TreeMap<>(config);
        aliases.forEach((alias, field) -> {
            if (named.containsKey(alias)) {
                named.put(field, named.remove(alias));
            }
        });
        return named;
    }

    /** Reads a JSON resource beside this class. */
    static <T> T resource(String name, Class<T> type) {
        try (InputStream stream = LibraryConfig.class.getResourceAsStream(name)) {
            return new Gson().fromJson(new InputStreamReader(stream, StandardCharsets.UTF_8), type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
