package dev.kausal.engine.exec;

import dev.kausal.engine.errors.KausalException;
import dev.kausal.engine.model.ModelConfig;

/** A sequence that the model cannot read. */
public final class PromptException extends KausalException {
    private static final long serialVersionUID = 1L;

    private PromptException(String message) {
        super(Blame.USER, message);
    }

    static void check(ModelConfig config, int sequence, int[] ids) {
        String where = "Sequence " + sequence;
        if (ids.length == 0) {
            throw new PromptException(where + " has no tokens; a prompt needs at least one.");
        }
        if (ids.length > config.context()) {
            throw new PromptException(where + " has " + ids.length + " tokens, but this model's context is "
                    + config.context() + "; shorten it.");
        }
        for (int position = 0; position < ids.length; position++) {
            if (ids[position] < 0 || ids[position] >= config.vocabulary()) {
                throw new PromptException(where + " has token id " + ids[position] + " at position " + position
                        + ", but ids run from 0 to " + (config.vocabulary() - 1)
                        + "; was it tokenised for another model?");
            }
        }
    }
}
