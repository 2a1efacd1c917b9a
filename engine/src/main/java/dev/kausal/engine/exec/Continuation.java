package dev.kausal.engine.exec;

import dev.kausal.engine.edits.Changes;
import java.util.List;

/**
 * How a prompt was continued.
 *
 * @param tokens written tokens, an end token included
 * @param logProbabilities log probability of each of them, in nats, by the (edited) model's own distribution: at
 *     temperature 1, over the whole vocabulary
 * @param ended whether the last token is an end token; otherwise the number of tokens was reached
 * @param changes how much the prompt's edits changed, over all tokens
 */
public record Continuation(List<Integer> tokens, List<Double> logProbabilities, boolean ended, Changes changes) {
    public Continuation {
        tokens = List.copyOf(tokens);
        logProbabilities = List.copyOf(logProbabilities);
    }
}
