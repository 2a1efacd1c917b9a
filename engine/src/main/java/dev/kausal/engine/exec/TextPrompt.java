package dev.kausal.engine.exec;

import dev.kausal.engine.config.Input;
import java.util.List;

/**
 * A prompt to continue.
 *
 * @param input its tokens
 * @param edits edits made while it is read and continued, in order
 * @param seed seed of its own stream of random numbers, which no other prompt of the batch uses
 */
public record TextPrompt(Input input, List<TextEdit> edits, long seed) {
    public TextPrompt {
        edits = List.copyOf(edits);
    }
}
