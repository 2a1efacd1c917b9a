package dev.kausal.engine.tensor;

import ai.djl.ndarray.NDArray;

/**
 * Arithmetic on an array whose old numbers nobody needs any more: it is overwritten, unless gradients are recorded, which
 * do need them. The result is what is returned, and only that.
 */
public final class InPlace {
    private InPlace() {}

    /** x + y. */
    public static NDArray add(NDArray x, NDArray y) {
        return Recording.on() ? x.add(y) : x.addi(y);
    }

    /** x + y. */
    public static NDArray add(NDArray x, float y) {
        return Recording.on() ? x.add(y) : x.addi(y);
    }

    /** x − y. */
    public static NDArray sub(NDArray x, NDArray y) {
        return Recording.on() ? x.sub(y) : x.subi(y);
    }

    /** x · y, entry by entry. */
    public static NDArray mul(NDArray x, NDArray y) {
        return Recording.on() ? x.mul(y) : x.muli(y);
    }

    /** x · y. */
    public static NDArray mul(NDArray x, float y) {
        return Recording.on() ? x.mul(Recording.scalar(x, y)) : x.muli(y);
    }

    /** x / y. */
    public static NDArray div(NDArray x, float y) {
        return Recording.on() ? x.div(Recording.scalar(x, y)) : x.divi(y);
    }
}
