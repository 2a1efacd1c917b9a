package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A catalog model that is not whole in the cache while downloads are switched off. */
public final class ModelNotPulled extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String id;
    private final String cacheDir;

    ModelNotPulled(String id, String cacheDir) {
        super(
                Blame.USER,
                "Expected the whole model " + id + " in the cache " + cacheDir
                        + ", found it missing or damaged, and downloads are off. Run once without the offline switch, or set KAUSAL_HOME to a cache that has it.");
        this.id = id;
        this.cacheDir = cacheDir;
    }

    /** The catalog id. */
    public String id() {
        return id;
    }

    /** The cache that was looked into. */
    public String cacheDir() {
        return cacheDir;
    }
}
