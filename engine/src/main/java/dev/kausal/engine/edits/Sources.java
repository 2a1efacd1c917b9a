package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;

/** What edits read from other runs. The arrays are the implementation's own. */
public interface Sources {
    /** A run's activation at a site: [1, position, ...], or [1, head, query, key]. */
    NDArray activation(int run, String site);

    /**
     * The mean over runs: position by position, or over every position (queries, for scores and pattern), whose axis then has
     * size 1.
     */
    NDArray mean(Averaged over, String site);
}
