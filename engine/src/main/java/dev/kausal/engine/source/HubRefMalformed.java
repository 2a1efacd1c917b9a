package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A Hub reference that cannot be one. */
public final class HubRefMalformed extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String ref;

    HubRefMalformed(String ref) {
        super(
                Blame.USER,
                "Expected hf:org/name or hf:org/name@revision, found \"" + ref + "\". Correct the reference.");
        this.ref = ref;
    }

    /** The reference as written. */
    public String ref() {
        return ref;
    }
}
