package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;
import java.util.List;

/** A model reference that is neither a catalog id nor a file or folder. */
public final class UnknownModelRef extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String ref;
    private final String[] nearest;

    UnknownModelRef(String ref, List<String> nearest) {
        super(
                Blame.USER,
                "Expected a model, found \"" + ref
                        + "\", which is not a catalog id, folder or file. The nearest catalog ids: "
                        + String.join(", ", nearest)
                        + ". Also accepted: a model folder, a .gguf file, hf:org/name[@revision], embedded:NAME.");
        this.ref = ref;
        this.nearest = nearest.toArray(new String[0]);
    }

    /** Returns the reference as written. */
    public String ref() {
        return ref;
    }

    /** Returns catalog ids, most similar first. */
    public List<String> nearest() {
        return List.of(nearest);
    }
}
