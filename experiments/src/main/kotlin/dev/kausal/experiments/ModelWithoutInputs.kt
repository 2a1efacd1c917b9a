package dev.kausal.experiments

import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.errors.KausalException.Blame

internal class NoTokenizerException(
    ref: String,
) : KausalException(
        Blame.USER,
        "Model '$ref' has no tokenizer.json, so its prompts cannot be read. Put it beside config.json.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

internal class NoPreprocessingException(
    ref: String,
) : KausalException(
        Blame.USER,
        "Model '$ref' has no preprocessor_config.json, which says how images are resized and normalised for it. " +
            "Put the one that it was published with beside config.json.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
