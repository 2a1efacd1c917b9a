package dev.kausal.engine.files;

import dev.kausal.engine.errors.KausalException;
import java.nio.file.Path;

/** A file that is read whole exceeds the limit for its kind. */
public final class FileTooLargeException extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String file;
    private final long most;

    FileTooLargeException(Path file, long most) {
        super(
                Blame.USER,
                file + " has more than " + most + " bytes, and no such file needs that many. Check that it is the file"
                        + " you meant.");
        this.file = file.toString();
        this.most = most;
    }

    /** The file. */
    public Path file() {
        return Path.of(file);
    }

    /** The most bytes that are read. */
    public long most() {
        return most;
    }
}
