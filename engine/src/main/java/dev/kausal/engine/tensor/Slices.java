package dev.kausal.engine.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.SparseFormat;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;

/** Views of consecutive entries, without the string parsing of {@code NDArray.get}. */
public final class Slices {
    private Slices() {}

    /**
     * Returns entries {@code from} (inclusive) to {@code to} (exclusive) of one axis; the array itself if these are
     * all.
     */
    public static NDArray of(NDArray array, int axis, long from, long to) {
        return from == 0 && to == array.getShape().get(axis)
                ? array
                : JniUtils.slice((PtNDArray) array, axis, from, to, 1);
    }

    /** Returns the rows of {@code table} [entries, width] at {@code indices} [n]: [n, width]. */
    public static NDArray gather(NDArray table, NDArray indices) {
        return indices.getNDArrayInternal()
                .embedding(Recording.nativeCopy(indices), table, SparseFormat.DENSE)
                .singletonOrThrow();
    }
}
