package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;
import java.io.IOException;
import java.nio.file.Path;

/** A cache that cannot be read or written, for example on a full disk. */
public final class CacheUnusable extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String folder;
    private final String found;

    /**
     * @param folder of the cache, which could not be read or written
     * @param cause the operating system's error
     */
    public CacheUnusable(Path folder, IOException cause) {
        this(folder, "KAUSAL_HOME", "Nothing half-written was kept.", cause);
    }

    /** The Hub's local cache, where what was fetched of a file stays for the next run. */
    static CacheUnusable ofHub(Path folder, IOException cause) {
        return new CacheUnusable(folder, "HF_HOME", "The next run continues what is there.", cause);
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

    /** The folder at fault. */
    public String folder() {
        return folder;
    }

    /** What went wrong. */
    public String found() {
        return found;
    }
}
