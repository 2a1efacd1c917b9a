package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A malformed environment variable for the Hub. */
public final class HubSettingMalformed extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String variable;

    HubSettingMalformed(String variable, String expected, String found) {
        super(
                Blame.USER,
                "Expected " + variable + " to be " + expected + ", found " + found + ". Correct it or unset it.");
        this.variable = variable;
    }

    /** Returns the variable. */
    public String variable() {
        return variable;
    }
}
