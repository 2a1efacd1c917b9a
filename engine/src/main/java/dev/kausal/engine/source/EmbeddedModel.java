package dev.kausal.engine.source;

import java.util.List;
import java.util.Map;

/**
 * A model that travels in the jar, as its card describes it.
 *
 * @param name after {@code embedded:}
 * @param description one line for people
 * @param licence SPDX name of the model's licence
 * @param command that makes it again
 * @param figures what was measured of it, by name
 * @param files what it consists of
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

    /** What a script or {@code --model} calls it. */
    public String ref() {
        return EmbeddedModels.PREFIX + name;
    }
}
