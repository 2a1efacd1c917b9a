package dev.kausal.engine.plan;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;

/** What an {@link Edit} puts in place of the rows and units that it names. Runs are indices into the plan's list. */
public sealed interface Value {
    /** Zeros. */
    record Zero() implements Value {}

    /** The mean of the same site over every position of these runs (one vector for all rows). */
    record MeanOf(List<Integer> runs) implements Value {
        public MeanOf {
            runs = List.copyOf(runs);
        }
    }

    /** The same site and units of another run, at {@code rows} there; as many rows as the edit has. */
    record FromRun(int run, Rows rows) implements Value {}

    /** A function of what is there, [1, positions, ...] cut to rows and units. */
    record Function(UnaryOperator<NDArray> function) implements Value {}

    /** Adds Gaussian noise of this standard deviation, drawn from {@code seed}. */
    record Noise(double sigma, long seed) implements Value {}

    /**
     * A move as far as {@code like} would move each row, in a direction drawn from {@code seed}: what any change of that
     * size does. Of attention it is the same change, dealt to the keys that a query sees in random order.
     */
    record RandomMove(Value like, long seed) implements Value {}

    /** The value that decides which runs are read: this one, or the one that its size is taken from. */
    default Value read() {
        return this instanceof RandomMove move ? move.like().read() : this;
    }

    /** The same value in a plan that numbers its runs otherwise. */
    default Value moved(IntUnaryOperator runs) {
        if (this instanceof FromRun from) {
            return new FromRun(runs.applyAsInt(from.run()), from.rows());
        }
        if (this instanceof MeanOf mean) {
            return new MeanOf(mean.runs().stream().map(runs::applyAsInt).toList());
        }
        if (this instanceof RandomMove move) {
            return new RandomMove(move.like().moved(runs), move.seed());
        }
        return this;
    }
}
