package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;
import java.util.List;

/** An embedded model that this version does not carry. */
public final class EmbeddedModelUnknown extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final String[] available;

    EmbeddedModelUnknown(String name, List<String> available) {
        super(
                Blame.USER,
                "Expected an embedded model, found \"" + name + "\"; this version embeds "
                        + (available.isEmpty() ? "none" : String.join(", ", available))
                        + ". Use --model smollm2-135m-q4 for a small model.");
        this.name = name;
        this.available = available.toArray(new String[0]);
    }

    /** The name asked for. */
    public String name() {
        return name;
    }

    /** The names that exist. */
    public List<String> available() {
        return List.of(available);
    }
}
