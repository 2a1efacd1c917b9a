package dev.kausal.engine.certify;

import dev.kausal.engine.errors.KausalException;

/** A file of reference values that cannot be compared with a model. */
public final class ReferenceUnusable extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String file;

    ReferenceUnusable(Object file, String expected, String found) {
        super(
                Blame.USER,
                "Cannot compare with " + file + ": expected " + expected + ", found " + found
                        + ". Write the reference's values of this model with bench/dump_reference.py.");
        this.file = file.toString();
    }

    /** The file. */
    public String file() {
        return file;
    }
}
