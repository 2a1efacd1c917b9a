package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/**
 * What an {@link Edit} writes into the rows and units that it names. Each kind answers for itself, so a new one is a file
 * here and no branch elsewhere. Runs are indices into the plan's list. Equal replacements write equal values, unless they
 * call a script's function.
 */
public sealed interface Replacement permits Averaging, FromRun, RandomMove, WithoutRuns {
    /** Runs whose activations at the edit's site are read row by row. */
    List<Integer> runs();

    /** The mean at the edit's site that is read; empty if it reads none. */
    Optional<Averaged> averaged();

    /** Whether it calls a function of the script, which may answer differently each time. */
    boolean callsScript();

    /** Returns the same replacement for a plan that numbers its runs differently. */
    Replacement renumbered(IntUnaryOperator runs);

    /** Returns the run and rows whose activations it copies unchanged; empty if it computes its values. */
    default Optional<FromRun> copied() {
        return Optional.empty();
    }

    /**
     * Returns the values to write.
     *
     * @param before the activation cut to the edit's rows and units
     * @return of the shape of {@code before}; owned by the open scope
     * @throws EditException if no value of that shape can be had
     */
    NDArray of(NDArray before, Target target, Sources sources);

    /**
     * Returns the table whose rows it writes, if its values do not depend on the activation that they replace: such
     * edits of many cells are made with one operation.
     *
     * @param site the edit's hook point
     * @param rows number of positions that are replaced
     * @return empty if values must be computed edit by edit, or if the table's rows do not fit
     */
    default Optional<Table> table(String site, int rows, Sources sources) {
        return Optional.empty();
    }

    /** Whether it reads activations of any run, the edited one included. */
    default boolean readsRuns() {
        return !runs().isEmpty() || averaged().isPresent();
    }
}
