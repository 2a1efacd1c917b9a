package dev.kausal.engine.source;

import java.util.List;
import java.util.Map;

/**
 * A model in the jar, as described by its card.
 *
 * @param name name after {@code embedded:}
 * @param description one line for people
 * @param licence SPDX name of the model's licence
 * @param command command that rebuilds it
 * @param figures measurements of it, by name
 * @param files its files
 */
public record EmbeddedModel(
        String name,
        String description,
        String licence,
        String command,
        Map<String, Double> figures,
        List<EmbeddedFile> files) {
    public EmbeddedModel {
        figures = Map.copyOf(figures);
        files = List.copyOf(files);
    }

    /** Returns its name in scripts and {@code --model}. */
    public String ref() {
        return EmbeddedModels.PREFIX + name;
    }
}
