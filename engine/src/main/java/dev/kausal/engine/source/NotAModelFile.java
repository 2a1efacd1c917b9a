package dev.kausal.engine.source;

import dev.kausal.engine.errors.KausalException;

/** A file that is not a model file. */
public final class NotAModelFile extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String path;

    NotAModelFile(String path) {
        super(
                Blame.USER,
                "Expected a model folder or a .gguf file, found the file " + path
                        + ". For a safetensors file, name its folder, which must include config.json and tokenizer.json.");
        this.path = path;
    }

    /** Returns the file. */
    public String path() {
        return path;
    }
}
