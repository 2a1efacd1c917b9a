package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;

/** Activations of other runs that edits read. The arrays belong to the implementation. */
public interface Sources {
    /** Returns a run's activation at a site: [1, position, ...], or [1, head, query, key]. */
    NDArray activation(int run, String site);

    /**
     * Returns the mean over runs: by position, or over all positions (queries, for scores and pattern) as an axis of
     * size 1.
     */
    NDArray mean(Averaged over, String site);
}
