package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A Hub that does not answer, or breaks off again and again. */
public final class HubUnreachable extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String address;
    private final String found;

    HubUnreachable(String address, String found, String kept) {
        super(
                Blame.MACHINE,
                "Expected an answer from " + address + ", found " + found + ". " + kept
                        + "Check the network (HF_ENDPOINT names another Hub; -Dhttps.proxyHost in KAUSAL_JAVA_OPTS a proxy) and try again, or set HF_HUB_OFFLINE=1 to use only what is in the cache.");
        this.address = address;
        this.found = found;
    }

    /** What was asked for. */
    public String address() {
        return address;
    }

    /** What happened last. */
    public String found() {
        return found;
    }
}
