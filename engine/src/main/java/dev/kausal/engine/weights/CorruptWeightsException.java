package dev.kausal.engine.weights;

import dev.kausal.engine.errors.KausalException;
import java.nio.file.Path;

/** A weight file contradicts itself or its format: truncated, overwritten, or written by a faulty converter. */
public final class CorruptWeightsException extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String path;
    private final String where;
    private final String expected;
    private final String found;

    /**
     * @param path the file
     * @param where the part of it, such as {@code "tensor 'wte.weight'"}
     * @param expected what the format asks for there
     * @param found what the file has
     */
    public CorruptWeightsException(Path path, String where, String expected, String found) {
        super(
                Blame.USER,
                "Weights in " + path + " are damaged, " + where + ": expected " + expected + ", found " + found
                        + ". Download or convert the file again.");
        this.path = path.toString();
        this.where = where;
        this.expected = expected;
        this.found = found;
    }

    public String path() {
        return path;
    }

    public String where() {
        return where;
    }

    public String expected() {
        return expected;
    }

    public String found() {
        return found;
    }
}
