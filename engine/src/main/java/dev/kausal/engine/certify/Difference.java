package dev.kausal.engine.certify;

/**
 * The largest difference between values of this model and the reference's.
 *
 * @param absolute in the values' own unit
 * @param relative to the larger of 1 and the largest absolute value of the reference at the same point, in the same run
 * @param where the point with the largest relative difference; empty if nothing was compared
 */
public record Difference(double absolute, double relative, String where) {
    static final Difference NONE = new Difference(0, 0, "");

    /** The lowest float, which the reference writes for masked scores. */
    private static final float MASKED = -Float.MAX_VALUE;

    /** Compares values in the same order; a masked score equals minus infinity. */
    static Difference of(String where, float[] expected, float[] found) {
        double absolute = 0;
        double largest = 1;
        for (int i = 0; i < expected.length; i++) {
            if (expected[i] == MASKED && found[i] == Float.NEGATIVE_INFINITY) {
                continue;
            }
            double gap = Math.abs((double) expected[i] - found[i]);
            // NaN propagates, so that it fails the check.
            absolute = Math.max(absolute, gap);
            largest = Math.max(largest, Math.abs(expected[i]));
        }
        return new Difference(absolute, absolute / largest, where);
    }

    /** Returns the larger of both differences, field by field. */
    Difference or(Difference other) {
        boolean mine = !(other.relative > relative) && !Double.isNaN(other.relative) && !where.isEmpty();
        return new Difference(
                Math.max(absolute, other.absolute), Math.max(relative, other.relative), mine ? where : other.where);
    }
}
