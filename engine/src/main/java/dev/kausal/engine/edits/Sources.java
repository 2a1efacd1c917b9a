package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.List;

/** What edits read from other runs. The arrays are the implementation's own. */
public interface Sources {
    /** A run's activation at a site: [1, position, ...], or [1, head, query, key]. */
    NDArray activation(int run, String site);

    /** Mean over every position of the runs (queries, for scores and pattern), whose axis has size 1 in the answer. */
    NDArray mean(List<Integer> runs, String site);
}
