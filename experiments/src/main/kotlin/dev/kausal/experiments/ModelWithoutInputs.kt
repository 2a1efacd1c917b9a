package dev.kausal.experiments

import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.errors.KausalException.Blame

internal class NoTokenizerException(
    ref: String,
) : KausalException(
        Blame.USER,
        "Model '$ref' has no tokenizer.json, which its prompts need. Put the file beside config.json.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

internal class NoPreprocessingException(
    ref: String,
) : KausalException(
        Blame.USER,
        "Model '$ref' has no preprocessor_config.json, which defines how images are resized and normalised. " +
            "Put the published one beside config.json.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
