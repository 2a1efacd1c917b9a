package dev.kausal.engine.rows;

import ai.djl.ndarray.NDArray;

/** Keys and values of base runs, lent to the variants that differ from them only later in the prompt. */
public interface KeyValues {
    /** If every sequence has its own and no later pass reads them. */
    KeyValues NONE = new KeyValues() {
        @Override
        public void keep(int layer, NDArray keys, NDArray values, RowLayout layout) {}

        @Override
        public NDArray keys(int layer, int run) {
            throw new IllegalStateException("no base run lends keys here");
        }

        @Override
        public NDArray values(int layer, int run) {
            throw new IllegalStateException("no base run lends values here");
        }
    };

    /**
     * Told of every layer's keys (rotated, where the model rotates) and values as attention reads them.
     *
     * @param keys [row, key-value head, d_head]
     * @param values likewise
     */
    void keep(int layer, NDArray keys, NDArray values, RowLayout layout);

    /** A base run's keys [key-value head, d_head, position]. */
    NDArray keys(int layer, int run);

    /** A base run's values [key-value head, position, d_head]. */
    NDArray values(int layer, int run);
}
