package dev.kausal.engine.tokens;

import dev.kausal.engine.errors.KausalException;
import java.util.Collection;

/** A GGUF file with an unsupported kind of tokenizer. */
public final class GgufTokenizerUnsupported extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String source;
    private final String field;
    private final String value;

    GgufTokenizerUnsupported(String source, String field, String value, Collection<String> accepted) {
        super(
                Blame.USER,
                "Expected the field " + field + " to be one of " + String.join(", ", accepted) + "; found \"" + value
                        + "\" in " + source + ". Use the model's folder form (safetensors with tokenizer.json), or"
                        + " another model.");
        this.source = source;
        this.field = field;
        this.value = value;
    }

    /** Returns the GGUF file. */
    public String source() {
        return source;
    }

    /** Returns the metadata key. */
    public String field() {
        return field;
    }

    /** Returns its value. */
    public String value() {
        return value;
    }
}
