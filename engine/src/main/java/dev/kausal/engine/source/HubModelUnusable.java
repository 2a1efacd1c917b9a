package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A repository that lacks what a model needs here. */
public final class HubModelUnusable extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final String expected;
    private final String found;

    HubModelUnusable(HubRef ref, String expected, String found) {
        super(
                Blame.USER,
                "Expected " + expected + " in " + ref + ", found " + found
                        + ". Choose a repository or revision with weights in safetensors and their config.json, or download a .gguf file and name that.");
        this.name = ref.name();
        this.expected = expected;
        this.found = found;
    }

    /** The repository, as org/name. */
    public String name() {
        return name;
    }

    /** What it should have. */
    public String expected() {
        return expected;
    }

    /** What it has instead. */
    public String found() {
        return found;
    }
}
