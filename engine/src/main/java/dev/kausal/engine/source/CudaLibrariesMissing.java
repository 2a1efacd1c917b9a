package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** PyTorch's CUDA libraries that are not complete in the cache. */
public final class CudaLibrariesMissing extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String device;
    private final String cacheDir;

    CudaLibrariesMissing(String device, String cacheDir) {
        super(
                Blame.USER,
                "Expected PyTorch's CUDA libraries for the device " + device + " in the cache " + cacheDir
                        + "; found none, or not all. Fetch them once with ./kausal gpu (4.4 GB), or set KAUSAL_HOME to a"
                        + " cache that has them.");
        this.device = device;
        this.cacheDir = cacheDir;
    }

    /** Returns the device's name. */
    public String device() {
        return device;
    }

    /** Returns the searched cache. */
    public String cacheDir() {
        return cacheDir;
    }
}
