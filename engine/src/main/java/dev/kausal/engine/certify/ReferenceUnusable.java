package dev.kausal.engine.certify;

import dev.kausal.engine.errors.KausalException;

/** A file of reference values that does not fit the model. */
public final class ReferenceUnusable extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String file;

    ReferenceUnusable(Object file, String expected, String found) {
        super(
                Blame.USER,
                "Cannot compare with " + file + ": expected " + expected + ", found " + found
                        + ". Write reference values for this model with bench/dump_reference.py.");
        this.file = file.toString();
    }

    /** Returns the file. */
    public String file() {
        return file;
    }
}
