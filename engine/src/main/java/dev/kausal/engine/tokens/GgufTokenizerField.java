package dev.kausal.engine.tokens;

import dev.kausal.engine.errors.KausalException;

/** A GGUF metadata key that the tokenizer needs is absent or malformed. */
public final class GgufTokenizerField extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String source;
    private final String field;
    private final String expected;
    private final String found;

    GgufTokenizerField(String source, String field, String expected, String found) {
        super(
                Blame.USER,
                "Expected " + expected + " in the field " + field + " of " + source + ", found " + found
                        + ". Convert or fetch the file again.");
        this.source = source;
        this.field = field;
        this.expected = expected;
        this.found = found;
    }

    /** Returns the GGUF file. */
    public String source() {
        return source;
    }

    /** Returns the metadata key. */
    public String field() {
        return field;
    }

    /** Returns the expected content. */
    public String expected() {
        return expected;
    }

    /** Returns the actual content. */
    public String found() {
        return found;
    }
}
