package dev.kausal.engine.exec;

import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.KausalException;

/** A text that a model cannot write. */
public final class GenerationException extends KausalException {
    private static final long serialVersionUID = 1L;

    private GenerationException(String message) {
        super(Blame.USER, message);
    }

    static GenerationException notWriting(ModelConfig config) {
        return new GenerationException("Only a model that predicts the next token can continue a prompt, but this "
                + config.family() + " model does not. Choose a causal language model.");
    }

    static GenerationException tooLong(int prompt, int length, int tokens, int context) {
        return new GenerationException("Prompt " + prompt + " has " + length + " tokens, and " + tokens
                + " more exceed the model's context of " + context + ". Write at most "
                + Math.max(0, context - length) + ", or shorten the prompt.");
    }

    static GenerationException atAttention(String site) {
        return new GenerationException("The edit at " + site
                + " changes attention itself, which is not possible while text is written. Edit queries, keys, values"
                + " or z instead.");
    }

    static GenerationException pastPrompt(String site, int position, int prompt, int length) {
        return new GenerationException("The edit at " + site + " names position " + position + ", but prompt " + prompt
                + " has positions 0 to " + (length - 1) + ".");
    }

    static GenerationException notFinite(int prompt, int token) {
        return new GenerationException("The logits for token " + token + " after prompt " + prompt
                + " are not finite numbers. Check the edits: a script's function may return NaN or infinity.");
    }
}
