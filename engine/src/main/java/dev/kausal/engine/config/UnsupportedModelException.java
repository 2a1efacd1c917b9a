package dev.kausal.engine.config;

import dev.kausal.engine.errors.KausalException;
import org.jspecify.annotations.Nullable;

/** A config field that asks for an unsupported computation. */
public final class UnsupportedModelException extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String field;

    public UnsupportedModelException(Object where, String field, @Nullable Object found, String expected) {
        super(
                Blame.USER,
                "Unsupported model in " + where + ": field '" + field + "' is " + found + "; supported: " + expected
                        + ".");
        this.field = field;
    }

    /** Returns the config field. */
    public String field() {
        return field;
    }
}
