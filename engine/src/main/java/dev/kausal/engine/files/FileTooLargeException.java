package dev.kausal.engine.files;

import dev.kausal.engine.errors.KausalException;
import java.nio.file.Path;

/** A file above the size limit of its kind. */
public final class FileTooLargeException extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long most;

    FileTooLargeException(Path file, long most) {
        super(
                Blame.USER,
                file + " has more than " + most + " bytes, the limit for this kind of file. Check that it is the file"
                        + " you meant.");
        this.file = file.toString();
        this.most = most;
    }

    /** Returns the file. */
    public Path file() {
        return Path.of(file);
    }

    /** Returns the limit in bytes. */
    public long most() {
        return most;
    }
}
