package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;

/**
 * How much edits changed.
 *
 * @param largest largest absolute difference
 * @param size largest absolute replacement value, without masked scores
 */
public record Changes(double largest, double size) {
    /** No change. */
    public static final Changes NONE = new Changes(0, 0);

    /** Masked scores are -inf or the lowest float. */
    private static final float MASKED = 1e30f;

    /** Compares all elements. */
    public static Changes of(NDArray before, NDArray after) {
        float largest = difference(before, after).max().getFloat();
        return new Changes(finite(largest), sizes(after.flatten().expandDims(0))[0]);
    }

    /** Compares row by row, over [row, unit]. */
    static Changes[] byRow(NDArray before, NDArray after) {
        float[] largest = difference(before, after).max(new int[] {1}).toFloatArray();
        float[] sizes = sizes(after);
        Changes[] changes = new Changes[largest.length];
        for (int i = 0; i < changes.length; i++) {
            changes[i] = new Changes(finite(largest[i]), sizes[i]);
        }
        return changes;
    }

    /** Returns the larger of both, field by field. */
    public Changes and(Changes other) {
        return new Changes(Math.max(largest, other.largest), Math.max(size, other.size));
    }

    /** Subtracts; masked scores are -inf on both sides, where the difference would be NaN. */
    private static NDArray difference(NDArray before, NDArray after) {
        NDArray difference = after.sub(before).abs();
        return difference.isNaN().any().getBoolean()
                ? NDArrays.where(after.eq(before), difference.zerosLike(), difference)
                : difference;
    }

    private static float[] sizes(NDArray after) {
        NDArray sizes = after.abs();
        float[] largest = sizes.max(new int[] {1}).toFloatArray();
        for (float size : largest) {
            if (!(size < MASKED)) {
                NDArray counted = NDArrays.where(sizes.lt(MASKED), sizes, sizes.zerosLike());
                return counted.max(new int[] {1}).toFloatArray();
            }
        }
        return largest;
    }

    /**
     * Makes a change finite: an entry that is no longer masked has changed without bound, and records hold finite
     * numbers only.
     */
    private static float finite(float change) {
        return Float.isNaN(change) || change > Float.MAX_VALUE ? Float.MAX_VALUE : change;
    }
}
