package dev.kausal.engine.weights;

import java.nio.file.Path;

/** A part of a weight file with unexpected content. */
public abstract class WeightsPartException extends WeightsException {
    private static final long serialVersionUID = 1L;

    private final String where;
    private final String expected;
    private final String found;

    WeightsPartException(Path path, String problem, String where, String expected, String found, String advice) {
        super(
                Blame.USER,
                path,
                problem + " " + where + " of " + path + ": expected " + expected + ", found " + found + ". " + advice);
        this.where = where;
        this.expected = expected;
        this.found = found;
    }

    /** Returns the part of the file, such as {@code "tensor 'wte.weight'"}. */
    public String where() {
        return where;
    }

    /** Returns what is supported there. */
    public String expected() {
        return expected;
    }

    /** Returns the file's content there. */
    public String found() {
        return found;
    }
}
