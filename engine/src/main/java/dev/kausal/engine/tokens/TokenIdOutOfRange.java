package dev.kausal.engine.tokens;

import dev.kausal.engine.errors.KausalException;

/** A token id that the vocabulary does not have. */
public final class TokenIdOutOfRange extends KausalException {
    private static final long serialVersionUID = 1L;

    private final int id;
    private final int vocabularySize;

    TokenIdOutOfRange(int id, int vocabularySize, String source) {
        super(
                Blame.USER,
                "Expected a token id from 0 to " + (vocabularySize - 1) + ", found " + id
                        + (id >= 0 && id < vocabularySize ? " (no token has this id)" : "")
                        + ", in the vocabulary of " + source + ". Use ids from this model's own tokenizer.");
        this.id = id;
        this.vocabularySize = vocabularySize;
    }

    /** Returns the requested id. */
    public int id() {
        return id;
    }

    /** Returns the number of ids in the vocabulary. */
    public int vocabularySize() {
        return vocabularySize;
    }
}
