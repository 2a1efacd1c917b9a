package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A response that a Hub would not send. */
public final class HubAnswerStrange extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String address;
    private final String expected;
    private final String found;

    HubAnswerStrange(String address, String expected, String found) {
        super(
                Blame.MACHINE,
                "Expected " + expected + " from " + address + ", found " + found
                        + ". Check HF_ENDPOINT and any proxy: the server does not respond like a Hub.");
        this.address = address;
        this.expected = expected;
        this.found = found;
    }

    /** Returns the requested address. */
    public String address() {
        return address;
    }

    /** Returns the expected response. */
    public String expected() {
        return expected;
    }

    /** Returns the actual response. */
    public String found() {
        return found;
    }
}
