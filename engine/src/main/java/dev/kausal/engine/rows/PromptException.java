package dev.kausal.engine.rows;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.KausalException;
import java.util.List;

/** An input that the model cannot read. */
public final class PromptException extends KausalException {
    private static final long serialVersionUID = 1L;

    private PromptException(String message) {
        super(Blame.USER, message);
    }

    static void checkSome(List<Input> inputs) {
        if (inputs.isEmpty()) {
            throw new PromptException(
                    "A pass needs at least one sequence or image, but the list is empty; give it one.");
        }
    }

    static void checkPositions(List<Input> inputs, int[] positions) {
        if (positions.length != inputs.size()) {
            throw new PromptException("A pass reads one position of each input, but " + positions.length
                    + " positions are given for " + inputs.size() + " inputs; give one for each.");
        }
        for (int i = 0; i < positions.length; i++) {
            int length = inputs.get(i).length();
            if (positions[i] < 0 || positions[i] >= length) {
                throw new PromptException("Sequence " + i + " is to be read at position " + positions[i]
                        + ", but its positions run from 0 to " + (length - 1) + ".");
            }
        }
    }

    static void check(ModelConfig config, int sequence, Input input) {
        String where = "Sequence " + sequence;
        int[] ids = input.ids();
        if (config.readsImages() != (input.image() != null)) {
            throw new PromptException(
                    config.readsImages()
                            ? where + " is tokens, but this " + config.family()
                                    + " model reads images; make one with `config.image(pixels, rows, columns)`."
                            : where + " is an image, but this " + config.family()
                                    + " model reads tokens; give it token ids.");
        }
        if (config.readsImages()) {
            return;
        }
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
                        + ", but this model's ids run from 0 to " + (config.vocabulary() - 1)
                        + "; was it tokenised for another model?");
            }
            checkType(config, where, position, input.types()[position]);
        }
    }

    private static void checkType(ModelConfig config, String where, int position, int type) {
        int types = Math.max(1, config.embedding().tokenTypes());
        if (type < 0 || type >= types) {
            throw new PromptException(where + " has token type " + type + " at position " + position
                    + ", but this model's types run from 0 to " + (types - 1) + ".");
        }
    }
}
