package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A Hub model that these credentials may not read, or that does not exist; the Hub does not distinguish the two. */
public final class HubAccessDenied extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final int status;

    HubAccessDenied(HubRef ref, String endpoint, int status, boolean gated, boolean withToken) {
        super(
                Blame.USER,
                "Expected read access to " + ref.name() + " on " + endpoint + ", found "
                        + (gated ? "that it is gated" : "that it is private or does not exist")
                        + " (HTTP " + status + ", "
                        + (withToken ? "with the token in HF_TOKEN" : "without a token: HF_TOKEN is not set") + "). "
                        + (gated
                                ? "Accept its terms on its page, and set HF_TOKEN to a token of your account."
                                : "Check the name, and set HF_TOKEN to a token of an account that may read it."));
        this.name = ref.name();
        this.status = status;
    }

    /** Returns the repository, as org/name. */
    public String name() {
        return name;
    }

    /** Returns the HTTP status. */
    public int status() {
        return status;
    }
}
