package dev.kausal.engine.family;

import dev.kausal.engine.errors.KausalException;

/** Something needs weights in float32, but the model's are in bfloat16. */
public final class LowPrecisionException extends KausalException {
    private static final long serialVersionUID = 1L;

    LowPrecisionException(String need) {
        super(
                Blame.USER,
                need + " weights in float32, but this model was opened with --precision bfloat16. Open it in float32, "
                        + "which is the default, or leave this out.");
    }
}
