package dev.kausal.engine.metrics;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

/**
 * A number computed from the logits of one run, at the position that the run reads unless {@link #positions} differs.
 * Each kind implements its own behaviour, so that a new kind is one file without branches elsewhere.
 */
public sealed interface Metric permits KlDivergence, OwnLogits {
    /** Returns this metric if it reads only the logits of single tokens. */
    default Optional<TokenMetric> ofTokens() {
        return Optional.empty();
    }

    /**
     * Returns the positions whose logits it reads in an input of {@code length}, ascending; empty for the position that
     * the run reads.
     */
    default Optional<int[]> positions(int length) {
        return Optional.empty();
    }

    /**
     * Returns the positions whose logits it reads in an input of {@code length}, ascending.
     *
     * @param read where the input's run is read
     */
    default int[] positions(int length, int read) {
        return positions(length).orElse(new int[] {read});
    }

    /** Returns how many positions it reads in an input of {@code length}. */
    default int rows(int length) {
        return positions(length, 0).length;
    }

    /** Returns whether it scores the prompt's own tokens, which only the run itself has. */
    default boolean ofOwnTokens() {
        return false;
    }

    /** Returns the run whose logits it compares with, as an index into the plan's runs; empty if none. */
    OptionalInt reference();

    /** Returns whether it calls a function of the script. */
    default boolean callsScript() {
        return false;
    }

    /** Returns the same metric for a plan that numbers its runs differently. */
    Metric renumbered(IntUnaryOperator runs);

    /**
     * Computes the metric, summing in double precision.
     *
     * @param logits [1, vocabulary], or [position, vocabulary] of its {@link #positions}
     * @param ids tokens of the prompt [position]
     * @param references returns the logits [vocabulary] of run {@link #reference()} at the position that it reads
     */
    double of(NDArray logits, int[] ids, IntFunction<float[]> references);

    /**
     * Computes the metric as recorded operations, through which gradients flow: one entry.
     *
     * @param logits [1, outputs], or [position, outputs] of its {@link #positions}
     * @param ids tokens of the prompt [position]
     * @param references returns the logits [outputs] of run {@link #reference()}
     * @throws UnsupportedOperationException if it {@link #callsScript()}: a script's number has no gradient
     */
    NDArray recorded(NDArray logits, int[] ids, IntFunction<float[]> references);

    /** Returns the outputs that it names, which the model must have. */
    default List<Integer> named() {
        return tokens();
    }

    /** Returns the only tokens whose logits it reads; empty if it reads the whole vocabulary. */
    default List<Integer> tokens() {
        return ofTokens().map(TokenMetric::tokens).orElse(List.of());
    }
}
