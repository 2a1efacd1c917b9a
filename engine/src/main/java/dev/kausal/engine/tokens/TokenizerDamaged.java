package dev.kausal.engine.tokens;

import dev.kausal.engine.errors.KausalException;
import org.jspecify.annotations.Nullable;

/** A tokenizer file that cannot be used. */
public final class TokenizerDamaged extends KausalException {
    private static final long serialVersionUID = 1L;

    private final String source;
    private final String found;

    TokenizerDamaged(String source, String found, @Nullable Throwable cause) {
        super(
                Blame.USER,
                "Expected a usable tokenizer in " + source + ", found: " + found + ". Fetch the file again; if it is"
                        + " intact, this kind of tokenizer is not supported.",
                cause);
        this.source = source;
        this.found = found;
    }

    /** Returns the file that holds the tokenizer. */
    public String source() {
        return source;
    }

    /** Returns what is wrong with it. */
    public String found() {
        return found;
    }
}
