package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A repository that the Hub does not have. */
public final class HubModelUnknown extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String name;

    HubModelUnknown(HubRef ref, String endpoint) {
        super(
                Blame.USER,
                "Expected the model " + ref.name() + " on " + endpoint
                        + ", found no repository of that name (HTTP 404). Check the spelling of org/name, including upper and lower case.");
        this.name = ref.name();
    }

    /** Returns the repository, as org/name. */
    public String name() {
        return name;
    }
}
