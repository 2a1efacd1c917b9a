package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A Hub model that is not complete in the Hub's local cache while downloads are disabled. */
public final class HubModelNotCached extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final String revision;
    private final String folder;

    HubModelNotCached(HubRef ref, String folder) {
        super(
                Blame.USER,
                "Expected revision " + ref.revision() + " of " + ref.name()
                        + " in the Hub's local cache, found no snapshot with "
                        + (ref.isFile() ? ref.file() : "config.json and safetensors weights") + " in " + folder
                        + ", and downloads are off. Run once without HF_HUB_OFFLINE and the offline option, set HF_HOME to a cache that has it, or name a folder or a .gguf file.");
        this.name = ref.name();
        this.revision = ref.revision();
        this.folder = folder;
    }

    /** Returns the repository, as org/name. */
    public String name() {
        return name;
    }

    /** Returns the requested revision. */
    public String revision() {
        return revision;
    }

    /** Returns the searched folder. */
    public String folder() {
        return folder;
    }
}
