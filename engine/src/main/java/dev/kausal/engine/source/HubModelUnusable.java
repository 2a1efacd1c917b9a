package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A repository without the files that a model needs here. */
public final class HubModelUnusable extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final String expected;
    private final String found;

    HubModelUnusable(HubRef ref, String expected, String found) {
        super(
                Blame.USER,
                "Expected " + expected + " in " + ref + ", found " + found
                        + ". Choose a repository or revision with safetensors weights and config.json, or name one of its .gguf files: hf:"
                        + ref.name() + "/FILE.gguf.");
        this.name = ref.name();
        this.expected = expected;
        this.found = found;
    }

    /** Returns the repository, as org/name. */
    public String name() {
        return name;
    }

    /** Returns the expected files. */
    public String expected() {
        return expected;
    }

    /** Returns the files found instead. */
    public String found() {
        return found;
    }
}
