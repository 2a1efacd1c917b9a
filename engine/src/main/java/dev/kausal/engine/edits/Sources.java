package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.hooks.HookPoint;

/** Activations of other runs that edits read. The arrays belong to the implementation. */
public interface Sources {
    /** Returns a run's activation at a site: [1, position, ...], or [1, head, query, key]. */
    NDArray activation(int run, String site);

    /**
     * Returns the edited run's own activation at the point that the edit {@link Replacement#reads}, narrowed to the edit's rows.
     *
     * @throws IllegalStateException if nothing was read
     */
    default NDArray here() {
        throw new IllegalStateException("nothing was read in this pass");
    }

    /**
     * Returns what a change of a writer's output adds to the residual stream: the change itself, or what the norm makes
     * of it that attention's output passes on its way to the stream (Gemma 2).
     *
     * @param run the run whose output changes
     * @param writer the hook point of the output
     * @param rows the changed rows of the run
     * @param change [1, position, (1,) d_model]
     * @return of as many numbers; owned by the open scope
     */
    NDArray added(int run, HookPoint writer, PositionRange rows, NDArray change);

    /**
     * Returns the mean over runs: by position, or over all positions (queries, for scores and pattern) as an axis of
     * size 1.
     */
    NDArray mean(Averaged over, String site);
}
