package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;

/** How much an edit changed: largest absolute differences. */
final class Changes {
    private Changes() {}

    /** Over all elements. */
    static float largest(NDArray before, NDArray after) {
        return finite(difference(before, after).max().getFloat());
    }

    /** By row, over [row, unit]. */
    static float[] byRow(NDArray before, NDArray after) {
        float[] largest = difference(before, after).max(new int[] {1}).toFloatArray();
        for (int i = 0; i < largest.length; i++) {
            largest[i] = finite(largest[i]);
        }
        return largest;
    }

    /** Masked scores are -inf on both sides, where a difference would be no number. */
    private static NDArray difference(NDArray before, NDArray after) {
        NDArray difference = after.sub(before).abs();
        return difference.isNaN().any().getBoolean()
                ? NDArrays.where(after.eq(before), difference.zerosLike(), difference)
                : difference;
    }

    /** An entry that was masked and is not any more has changed without bound; records hold finite numbers only. */
    private static float finite(float change) {
        return Float.isNaN(change) || change > Float.MAX_VALUE ? Float.MAX_VALUE : change;
    }
}
