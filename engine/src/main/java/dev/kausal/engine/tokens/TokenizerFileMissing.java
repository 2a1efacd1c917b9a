package dev.kausal.engine.tokens;

import dev.kausal.engine.errors.KausalException;

/** A model folder without a {@code tokenizer.json}. */
public final class TokenizerFileMissing extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String folder;

    TokenizerFileMissing(String folder) {
        super(
                Blame.USER,
                "Expected a tokenizer.json in the model folder " + folder + ", found none. Add the one that"
                        + " the model was published with, or name a .gguf file, which includes its vocabulary.");
        this.folder = folder;
    }

    /** Returns the searched folder. */
    public String folder() {
        return folder;
    }
}
