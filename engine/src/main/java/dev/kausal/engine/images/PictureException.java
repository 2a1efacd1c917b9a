package dev.kausal.engine.images;

import dev.kausal.engine.errors.KausalException;
import java.nio.file.Path;

/** A picture file that cannot be used. */
public abstract class PictureException extends KausalException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;

    PictureException(Path file, String message) {
        super(Blame.USER, file + ": " + message);
        this.file = file;
    }

    /** Returns the file. */
    public Path file() {
        return file;
    }
}
