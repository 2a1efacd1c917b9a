package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A model on the Hub that these credentials may not read, or that does not exist: the Hub does not say which. */
public final class HubAccessDenied extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final int status;

    HubAccessDenied(HubRef ref, String endpoint, int status, boolean gated, boolean withToken) {
        super(
                Blame.USER,
                "Expected to be allowed to read " + ref.name() + " on " + endpoint + ", found "
                        + (gated ? "that it is gated" : "that it is private, or not there")
                        + " (HTTP " + status + ", "
                        + (withToken ? "with the token in HF_TOKEN" : "without a token, HF_TOKEN being unset") + "). "
                        + (gated
                                ? "Accept its terms on its page there, and set HF_TOKEN to a token of that account."
                                : "Check the name, and set HF_TOKEN to a token of an account that may read it."));
        this.name = ref.name();
        this.status = status;
    }

    /** The repository, as org/name. */
    public String name() {
        return name;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }
}
