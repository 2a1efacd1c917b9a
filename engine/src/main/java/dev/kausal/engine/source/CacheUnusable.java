package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;
import java.io.IOException;
import java.nio.file.Path;

/** A cache that cannot be read or written, for example because the disk is full. */
public final class CacheUnusable extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String folder;
    private final String found;

    /**
     * @param folder the cache folder
     * @param cause the operating system's error
     */
    public CacheUnusable(Path folder, IOException cause) {
        this(folder, "KAUSAL_HOME", "No partial files were kept.", cause);
    }

    /** Creates an error for the Hub's local cache, which keeps partial downloads for the next run. */
    static CacheUnusable ofHub(Path folder, IOException cause) {
        return new CacheUnusable(folder, "HF_HOME", "Partial downloads are kept; the next run continues them.", cause);
    }

    private CacheUnusable(Path folder, String variable, String kept, IOException cause) {
        super(
                Blame.MACHINE,
                "Expected to read and write the cache in " + folder + "; found: "
                        + cause.getClass().getSimpleName() + ": " + cause.getMessage()
                        + ". " + kept + " Free some space or correct the permissions, or set " + variable
                        + " to another folder.",
                cause);
        this.folder = folder.toString();
        this.found = String.valueOf(cause.getMessage());
    }

    /** Returns the cache folder. */
    public String folder() {
        return folder;
    }

    /** Returns what went wrong. */
    public String found() {
        return found;
    }
}
