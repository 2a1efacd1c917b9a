package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** An answer that no Hub gives. */
public final class HubAnswerStrange extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String address;
    private final String expected;
    private final String found;

    HubAnswerStrange(String address, String expected, String found) {
        super(
                Blame.MACHINE,
                "Expected " + expected + " from " + address + ", found " + found
                        + ". Check HF_ENDPOINT and any proxy between: something there does not speak as a Hub does.");
        this.address = address;
        this.expected = expected;
        this.found = found;
    }

    /** What was asked for. */
    public String address() {
        return address;
    }

    /** What should have come. */
    public String expected() {
        return expected;
    }

    /** What came. */
    public String found() {
        return found;
    }
}
