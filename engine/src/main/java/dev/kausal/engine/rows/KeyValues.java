package dev.kausal.engine.rows;

import ai.djl.ndarray.NDArray;

/** Keys and values of base runs, shared with variants that differ from them only later in the prompt. */
public interface KeyValues {
    /** Used if every sequence has its own and no later pass reads them. */
    KeyValues NONE = new KeyValues() {
        @Override
        public void keep(int layer, NDArray keys, NDArray values, RowLayout layout) {}

        @Override
        public NDArray keys(int layer, int run) {
            throw new IllegalStateException("there is no base run to take keys from");
        }

        @Override
        public NDArray values(int layer, int run) {
            throw new IllegalStateException("there is no base run to take values from");
        }
    };

    /**
     * Receives every layer's keys (rotated, if the model rotates them) and values, as attention uses them.
     *
     * @param keys [row, key-value head, d_head]
     * @param values [row, key-value head, d_head]
     */
    void keep(int layer, NDArray keys, NDArray values, RowLayout layout);

    /** Returns a base run's keys [key-value head, d_head, position]. */
    NDArray keys(int layer, int run);

    /** Returns a base run's values [key-value head, position, d_head]. */
    NDArray values(int layer, int run);

    /**
     * Returns the own keys and values of a segment's variants, those of earlier passes included. Only segments whose
     * batch says that they are stored have them, and only after {@link #keep}.
     *
     * @param segment index of the segment in the layout
     */
    default Own own(int layer, int segment) {
        throw new IllegalStateException("no keys and values of earlier passes are stored");
    }

    /**
     * Keys and values of a segment's variants, in slots that end with each variant's newest position.
     *
     * @param keys [key-value head * variant, slot, d_head]
     * @param values [key-value head * variant, slot, d_head]
     */
    record Own(NDArray keys, NDArray values) {}
}
