package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.SplittableRandom;

/** How the next token of a text is chosen from the model's logits. */
public sealed interface TokenChoice permits Greedy, Sampled {
    /**
     * Chooses a token for each text.
     *
     * @param logits [text, vocabulary]
     * @param streams random numbers of each text
     */
    List<Chosen> choose(NDArray logits, List<SplittableRandom> streams);

    /**
     * A chosen token.
     *
     * @param token its id
     * @param logProbability its log probability in nats at temperature 1; not finite if the logits are not
     */
    record Chosen(int token, double logProbability) {}
}
