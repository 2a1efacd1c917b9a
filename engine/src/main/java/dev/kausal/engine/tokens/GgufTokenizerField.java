package dev.kausal.engine.tokens;

import dev.kausal.engine.errors.KausalException;

/** A GGUF metadata key that the tokenizer needs is absent or of the wrong shape. */
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

    /** The GGUF file. */
    public String source() {
        return source;
    }

    /** The metadata key at fault. */
    public String field() {
        return field;
    }

    /** What the key should hold. */
    public String expected() {
        return expected;
    }

    /** What it holds. */
    public String found() {
        return found;
    }
}
