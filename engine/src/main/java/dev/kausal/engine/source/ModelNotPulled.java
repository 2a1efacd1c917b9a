package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A catalog model that is not complete in the cache while downloads are disabled. */
public final class ModelNotPulled extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String id;
    private final String cacheDir;

    ModelNotPulled(String id, String cacheDir) {
        super(
                Blame.USER,
                "Expected the complete model " + id + " in the cache " + cacheDir
                        + ", found it missing or damaged, and downloads are off. Run once without the offline option, or set KAUSAL_HOME to a cache that has it.");
        this.id = id;
        this.cacheDir = cacheDir;
    }

    /** Returns the catalog id. */
    public String id() {
        return id;
    }

    /** Returns the searched cache. */
    public String cacheDir() {
        return cacheDir;
    }
}
