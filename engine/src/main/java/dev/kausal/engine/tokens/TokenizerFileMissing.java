package dev.kausal.engine.tokens;

import dev.kausal.engine.errors.KausalException;

/** A model folder without a {@code tokenizer.json}. */
public final class TokenizerFileMissing extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String folder;

    TokenizerFileMissing(String folder) {
        super(
                Blame.USER,
                "Expected a tokenizer.json in the model folder " + folder + ", found none. Add the tokenizer.json that"
                        + " the model was published with, or name a .gguf file, which carries its own vocabulary.");
        this.folder = folder;
    }

    /** The folder that was looked into. */
    public String folder() {
        return folder;
    }
}
