package dev.kausal.engine.tensor;

import ai.djl.ndarray.NDArray;

/**
 * Arithmetic that overwrites its first operand, unless gradients are recorded, which need the old values. Use only the
 * returned array.
 */
public final class InPlace {
    private InPlace() {}

    /** Returns x + y. */
    public static NDArray add(NDArray x, NDArray y) {
        return Recording.on() ? x.add(y) : x.addi(y);
    }

    /** Returns x + y. */
    public static NDArray add(NDArray x, float y) {
        return Recording.on() ? x.add(y) : x.addi(y);
    }

    /** Returns x − y. */
    public static NDArray sub(NDArray x, NDArray y) {
        return Recording.on() ? x.sub(y) : x.subi(y);
    }

    /** Returns x · y, element by element. */
    public static NDArray mul(NDArray x, NDArray y) {
        return Recording.on() ? x.mul(y) : x.muli(y);
    }

    /** Returns x · y. */
    public static NDArray mul(NDArray x, float y) {
        return Recording.on() ? x.mul(Recording.scalar(x, y)) : x.muli(y);
    }

    /** Returns x / y. */
    public static NDArray div(NDArray x, float y) {
        return Recording.on() ? x.div(Recording.scalar(x, y)) : x.divi(y);
    }
}
