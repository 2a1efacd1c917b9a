package dev.kausal.engine.tensor;

import dev.kausal.engine.errors.KausalException;

/** A name that no device has. */
public final class UnknownDeviceException extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String name;

    UnknownDeviceException(String name) {
        super(
                Blame.USER,
                "Expected a device such as cpu, cuda (the first GPU) or cuda:1; found '" + name
                        + "'. Use one of these.");
        this.name = name;
    }

    /** Returns the name. */
    public String name() {
        return name;
    }
}
