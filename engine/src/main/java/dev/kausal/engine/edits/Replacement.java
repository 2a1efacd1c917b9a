package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.hooks.HookPoint;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/**
 * What an {@link Edit} writes into its rows and units. Each kind implements its own behaviour, so that a new kind is
 * one file without branches elsewhere. Runs are indices into the plan's list. Equal replacements write equal values,
 * unless they call a script's function.
 */
public sealed interface Replacement permits Averaging, EdgeFromRun, FromRun, RandomMove, SubspaceFromRun, WithoutRuns {
    /** Returns the runs whose activations at {@link #points} are read row by row. */
    List<Integer> runs();

    /**
     * Returns the hook points at which {@link #runs} are read; the edit's own, unless a kind reads others.
     *
     * @param at the edit's hook point
     */
    default List<HookPoint> points(HookPoint at) {
        return runs().isEmpty() ? List.of() : List.of(at);
    }

    /** Returns the mean that is read at the edit's site; empty if none. */
    Optional<Averaged> averaged();

    /** Returns whether it calls a function of the script, which may return different values each time. */
    boolean callsScript();

    /**
     * Returns whether what it replaces is a part of its values, as if it were added to: a change of the activation is
     * then a change of the value too. A script's function counts as such.
     */
    boolean adds();

    /** Returns the same replacement for a plan that numbers its runs differently. */
    Replacement renumbered(IntUnaryOperator runs);

    /** Returns itself if it patches one edge; empty for every other kind. */
    default Optional<EdgeFromRun> edge() {
        return Optional.empty();
    }

    /** Returns the run and rows whose activations are copied unchanged; empty if values are computed. */
    default Optional<FromRun> copied() {
        return Optional.empty();
    }

    /**
     * Returns the hook point of the same pass whose activation it needs besides that at the edit's own, an earlier one of the same layer
     * and rows; empty for most kinds.
     */
    default Optional<String> reads() {
        return Optional.empty();
    }

    /**
     * Returns the values to write.
     *
     * @param before the activation, narrowed to the edit's rows and units
     * @return of the shape of {@code before}; owned by the open scope
     * @throws EditException if no value of that shape is available
     */
    NDArray of(NDArray before, Target target, Sources sources);

    /**
     * Returns the table that rows are copied from, if the values do not depend on the activation that they replace:
     * such edits of many cells are made in one operation.
     *
     * @param site the edit's hook point
     * @param rows number of positions that are replaced
     * @return empty if values must be computed edit by edit, or the table's rows do not fit
     */
    default Optional<Table> table(String site, int rows, Sources sources) {
        return Optional.empty();
    }

    /** Returns whether it reads activations of any run, the edited one included. */
    default boolean readsRuns() {
        return !runs().isEmpty() || averaged().isPresent();
    }
}
