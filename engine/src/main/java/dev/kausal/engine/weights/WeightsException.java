package dev.kausal.engine.weights;

import dev.kausal.engine.errors.KausalException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Weights that cannot be opened or read; each kind of failure is a subclass. */
public abstract class WeightsException extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String path;

    WeightsException(Blame blame, Path path, String message) {
        this(blame, path, message, null);
    }

    WeightsException(Blame blame, Path path, String message, @Nullable Throwable cause) {
        super(blame, message, cause);
        this.path = path.toString();
    }

    /** Returns the file or folder. */
    public String path() {
        return path;
    }
}
