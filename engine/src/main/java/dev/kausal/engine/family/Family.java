package dev.kausal.engine.family;

import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One model family: how its configs are read and its tensors named. Each is one file; see
 * docs/guide/adding-a-family.md.
 *
 * @param name name in specs and messages; {@link ModelConfig#family()}
 * @param json readers of config.json by {@code model_type}
 * @param gguf readers of GGUF metadata by {@code general.architecture}
 * @param tables the checkpoint namings of a model with this config
 * @param preprocessingInConfig whether config.json itself holds the picture preprocessing
 */
public record Family(
        String name,
        Map<String, Function<ConfigFields, ModelConfig>> json,
        Map<String, Function<ConfigFields, ModelConfig>> gguf,
        Function<ModelConfig, List<Architecture.Table>> tables,
        boolean preprocessingInConfig) {
    Family(
            String name,
            Map<String, Function<ConfigFields, ModelConfig>> json,
            Map<String, Function<ConfigFields, ModelConfig>> gguf,
            Function<ModelConfig, List<Architecture.Table>> tables) {
        this(name, json, gguf, tables, false);
    }

    /** Creates a family whose model_type is its name. */
    static Family of(String name, Function<ConfigFields, ModelConfig> json, Architecture.Table... tables) {
        List<Architecture.Table> fixed = List.of(tables);
        return new Family(name, Map.of(name, json), Map.of(), config -> fixed);
    }

    /** Returns a copy that also reads GGUF metadata; {@code table} has the tensor names there. */
    Family withGguf(String architecture, Function<ConfigFields, ModelConfig> reader, Architecture.Table table) {
        return new Family(
                name,
                json,
                Map.of(architecture, reader),
                config -> Stream.concat(tables.apply(config).stream(), Stream.of(table))
                        .toList());
    }

    /** Returns a copy that also reads config.json with another {@code model_type}. */
    Family alsoJson(String modelType, Function<ConfigFields, ModelConfig> reader) {
        Map<String, Function<ConfigFields, ModelConfig>> readers = new TreeMap<>(json);
        readers.put(modelType, reader);
        return new Family(name, readers, gguf, tables);
    }

    /** Returns a copy with picture preprocessing in config.json. */
    Family withPreprocessingInConfig() {
        return new Family(name, json, gguf, tables, true);
    }

    Architecture architecture(ModelConfig config) {
        return new Architecture(name, tables.apply(config));
    }
}
