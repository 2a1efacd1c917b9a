package dev.kausal.engine.plan;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.ToDoubleFunction;

/** A number read from the logits of one run; of the last position but for {@link Loss}. */
public sealed interface Metric {
    /** logit(answer) − logit(foil). */
    record LogitDifference(int answer, int foil) implements Metric {}

    /** logit(answer). */
    record Logit(int answer) implements Metric {}

    /** Probability of the answer. */
    record Probability(int answer) implements Metric {}

    /** Natural logarithm of the answer's probability. */
    record LogProbability(int answer) implements Metric {}

    /** KL(reference ‖ this run) of the next-token distributions, in nats; {@code reference} indexes the plan's runs. */
    record Kl(int reference) implements Metric {}

    /** Mean next-token cross-entropy over the prompt, in nats. */
    record Loss() implements Metric {}

    /** A function of the last position's logits [vocabulary]. */
    record Function(ToDoubleFunction<NDArray> function) implements Metric {}

    /** The tokens whose logits are all that it reads; empty where it reads the whole vocabulary. */
    default List<Integer> tokens() {
        if (this instanceof LogitDifference m) {
            return List.of(m.answer(), m.foil());
        }
        return this instanceof Logit m ? List.of(m.answer()) : List.of();
    }

    /** Whether every position's logits are read. */
    default boolean everyPosition() {
        return this instanceof Loss;
    }

    /** The same metric in a plan that numbers its runs otherwise. */
    default Metric moved(IntUnaryOperator runs) {
        return this instanceof Kl kl ? new Kl(runs.applyAsInt(kl.reference())) : this;
    }
}
