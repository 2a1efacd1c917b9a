package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A folder of a Hub repository that is not in the Hub's local cache; such folders are not downloaded. */
public final class HubFolderNotCached extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String ref;

    HubFolderNotCached(String ref, String name, String revision, String folder, String searched) {
        super(
                Blame.USER,
                "Expected " + (folder.isEmpty() ? "the files" : folder) + " of revision " + revision + " of " + name
                        + " in the Hub's local cache, found no " + searched
                        + ". Fetch it once with the Hub's client: hf download "
                        + name + (folder.isEmpty() ? "" : " --include \"" + folder + "/*\"") + ".");
        this.ref = ref;
    }

    /** Returns the reference. */
    public String ref() {
        return ref;
    }
}
