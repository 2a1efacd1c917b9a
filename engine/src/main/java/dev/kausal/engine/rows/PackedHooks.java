package dev.kausal.engine.rows;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.hooks.HookKind;

/** What stands at the hook points while packed rows pass: a user's hooks, a sweep's edits, or a recorder. */
public interface PackedHooks {
    /** If nothing waits. */
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

    /** Whether anything waits at a point; {@code layer} is -1 outside the blocks. */
    boolean waits(HookKind kind, int layer);

    /** Whether anything waits there that may change the activation. */
    boolean edits(HookKind kind, int layer);

    /**
     * Passes a point's rows through what waits there.
     *
     * @param packed [row, ...], the rows of {@code layout} in its order
     * @return what goes on, of the same shape; {@code packed} itself where nothing waits
     */
    NDArray rows(HookKind kind, int layer, NDArray packed, RowLayout layout);

    /**
     * Passes one segment's scores or pattern through what waits there.
     *
     * @param array [variant, head, query, key]; queries are the segment's rows, keys all positions
     */
    NDArray pattern(HookKind kind, int layer, NDArray array, AttentionGroup segment);
}
