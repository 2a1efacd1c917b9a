package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A Hub that does not respond, or fails repeatedly. */
public final class HubUnreachable extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String address;
    private final String found;

    HubUnreachable(String address, String found, String kept) {
        super(
                Blame.MACHINE,
                "Expected an answer from " + address + ", found " + found + ". " + kept
                        + "Check the network (set another Hub with HF_ENDPOINT, a proxy with -Dhttps.proxyHost in KAUSAL_JAVA_OPTS) and try again, or set HF_HUB_OFFLINE=1 to use only the cache.");
        this.address = address;
        this.found = found;
    }

    /** Returns the requested address. */
    public String address() {
        return address;
    }

    /** Returns the last failure. */
    public String found() {
        return found;
    }
}
