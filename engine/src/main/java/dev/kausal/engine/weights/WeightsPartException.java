package dev.kausal.engine.weights;

import java.nio.file.Path;

/** One part of a weight file holds something other than what is asked for there. */
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

    /** The part of the file, such as {@code "tensor 'wte.weight'"}. */
    public String where() {
        return where;
    }

    /** What could be read there. */
    public String expected() {
        return expected;
    }

    /** What the file has there. */
    public String found() {
        return found;
    }
}
