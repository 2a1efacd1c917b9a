package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import java.util.List;

/** What edits and metrics read of other runs. The arrays are the implementation's own. */
interface Sources {
    /** A run's activation at a site: [1, position, ...], or [1, head, query, key]. */
    NDArray activation(int run, String site);

    /** Mean over every position of the runs (queries, for scores and pattern), whose axis has size 1 in the answer. */
    NDArray mean(List<Integer> runs, String site);

    /** A run's logits at its last position [vocabulary]. */
    float[] reference(int run);
}
