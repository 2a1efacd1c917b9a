package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A malformed Hub reference. */
public final class HubRefMalformed extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String ref;

    HubRefMalformed(String ref) {
        super(
                Blame.USER,
                "Expected hf:org/name, hf:org/name@revision or hf:org/name/file.gguf@revision, found \"" + ref
                        + "\". Correct the reference.");
        this.ref = ref;
    }

    /** Returns the reference as written. */
    public String ref() {
        return ref;
    }
}
