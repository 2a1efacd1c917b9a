package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;
import java.util.List;
import java.util.stream.Collectors;

/** An embedded model that this version does not include. */
public final class EmbeddedModelUnknown extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final String[] available;

    EmbeddedModelUnknown(String name, List<String> available) {
        super(
                Blame.USER,
                "Expected an embedded model, found \"" + name + "\"; the nearest: "
                        + available.stream().map(EmbeddedModels.PREFIX::concat).collect(Collectors.joining(", "))
                        + ".");
        this.name = name;
        this.available = available.toArray(new String[0]);
    }

    /** Returns the requested name. */
    public String name() {
        return name;
    }

    /** Returns the existing names, most similar first. */
    public List<String> available() {
        return List.of(available);
    }
}
