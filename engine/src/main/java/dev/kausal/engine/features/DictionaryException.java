package dev.kausal.engine.features;

import dev.kausal.engine.errors.KausalException;
import java.nio.file.Path;

/** A sparse dictionary that cannot be used; each kind of failure is a subclass. */
public abstract class DictionaryException extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String path;

    DictionaryException(Path path, String message) {
        super(Blame.USER, message);
        this.path = path.toString();
    }

    /** Returns the file or folder. */
    public String path() {
        return path;
    }
}
