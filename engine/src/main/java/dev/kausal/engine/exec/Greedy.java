package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The most likely token. */
public record Greedy() implements TokenChoice {
    @Override
    public List<Chosen> choose(NDArray logits, List<SplittableRandom> streams) {
        NDArray largest = logits.max(new int[] {1}, true);
        float[] negative = logits.sub(largest).exp().sum(new int[] {1}).log().toFloatArray();
        long[] tokens = logits.argMax(1).toLongArray();
        List<Chosen> chosen = new ArrayList<>();
        for (int text = 0; text < tokens.length; text++) {
            chosen.add(new Chosen((int) tokens[text], -negative[text]));
        }
        return chosen;
    }
}
