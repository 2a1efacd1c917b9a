package dev.kausal.engine.family;

import dev.kausal.engine.errors.KausalException;

/** Something needs all weights in memory, but the model's layers are streamed from their file. */
public final class StreamedWeightsException extends KausalException {
    private static final long serialVersionUID = 1L;

    StreamedWeightsException(String need) {
        super(
                Blame.USER,
                need
                        + " all weights in memory, but they are streamed from their file, because they do not fit. Allow more"
                        + " memory (--memory), use a smaller model, or leave this out.");
    }
}
