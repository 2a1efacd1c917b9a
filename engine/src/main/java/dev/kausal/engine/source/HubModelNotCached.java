package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A Hub model that is not whole in the Hub's local cache while downloads are switched off. */
public final class HubModelNotCached extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final String revision;
    private final String folder;

    HubModelNotCached(String name, String revision, String folder) {
        super(
                Blame.USER,
                "Expected revision " + revision + " of " + name
                        + " in the Hub's local cache, found no snapshot of it with config.json and weights in safetensors in "
                        + folder
                        + ", and downloads are off. Run once without HF_HUB_OFFLINE and the offline switch, set HF_HOME to a cache that has it, or name a folder or a .gguf file.");
        this.name = name;
        this.revision = revision;
        this.folder = folder;
    }

    /** The repository, as org/name. */
    public String name() {
        return name;
    }

    /** The revision asked for. */
    public String revision() {
        return revision;
    }

    /** The folder that was looked into. */
    public String folder() {
        return folder;
    }
}
