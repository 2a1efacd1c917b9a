package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A branch, tag or commit that a repository does not have. */
public final class HubRevisionUnknown extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final String revision;

    HubRevisionUnknown(HubRef ref, String endpoint) {
        super(
                Blame.USER,
                "Expected revision " + ref.revision() + " of " + ref.name() + " on " + endpoint
                        + ", found none of that name. Name a branch, a tag or a full commit hash, or omit @"
                        + ref.revision() + " for main.");
        this.name = ref.name();
        this.revision = ref.revision();
    }

    /** Returns the repository, as org/name. */
    public String name() {
        return name;
    }

    /** Returns the requested revision. */
    public String revision() {
        return revision;
    }
}
