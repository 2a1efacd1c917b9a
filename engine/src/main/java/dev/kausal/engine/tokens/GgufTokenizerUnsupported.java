package dev.kausal.engine.tokens;

import dev.kausal.engine.errors.KausalException;
import java.util.Collection;

/** A GGUF file whose tokenizer is of a kind that Kausal does not rebuild. */
public final class GgufTokenizerUnsupported extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String source;
    private final String field;
    private final String value;

    GgufTokenizerUnsupported(String source, String field, String value, Collection<String> accepted) {
        super(
                Blame.USER,
                "Expected the field " + field + " to be one of " + String.join(", ", accepted) + "; found \"" + value
                        + "\" in " + source + ". Use the model's folder form (safetensors with a tokenizer.json), or"
                        + " another model.");
        this.source = source;
        this.field = field;
        this.value = value;
    }

    /** The GGUF file. */
    public String source() {
        return source;
    }

    /** The metadata key at fault. */
    public String field() {
        return field;
    }

    /** What the key holds. */
    public String value() {
        return value;
    }
}
