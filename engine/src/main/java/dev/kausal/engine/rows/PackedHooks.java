package dev.kausal.engine.rows;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.hooks.HookKind;

/** Hooks of packed rows: a user's hooks, a sweep's edits, or a recorder. */
public interface PackedHooks {
    /** No hooks. */
    PackedHooks NONE = new PackedHooks() {
        @Override
        public boolean waits(HookKind kind, int layer) {
            return false;
        }

        @Override
        public boolean edits(HookKind kind, int layer) {
            return false;
        }

        @Override
        public NDArray rows(HookKind kind, int layer, NDArray packed, RowLayout layout) {
            return packed;
        }

        @Override
        public NDArray pattern(HookKind kind, int layer, NDArray array, AttentionGroup segment) {
            return array;
        }
    };

    /** Returns whether a point has a hook; {@code layer} is -1 outside the blocks. */
    boolean waits(HookKind kind, int layer);

    /** Returns whether a point has a hook that may change the activation. */
    boolean edits(HookKind kind, int layer);

    /**
     * Passes a point's rows through its hooks.
     *
     * @param packed [row, ...], the rows of {@code layout} in its order
     * @return the rows to continue with, of the same shape; {@code packed} itself if there are no hooks
     */
    NDArray rows(HookKind kind, int layer, NDArray packed, RowLayout layout);

    /**
     * Passes one segment's scores or pattern through the point's hooks.
     *
     * @param array [variant, head, query, key]; queries are the segment's rows, keys all positions
     */
    NDArray pattern(HookKind kind, int layer, NDArray array, AttentionGroup segment);
}
