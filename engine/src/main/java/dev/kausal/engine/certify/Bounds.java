package dev.kausal.engine.certify;

/**
 * The largest differences that pass.
 *
 * @param relative of hook points from the reference, relative to the larger of 1 and the largest value there
 * @param outputs of logits (or hidden states) from the reference, absolute
 * @param drift of outputs where a point is given its own value, and between executors; relative to the larger of 1 and
 *     the largest output
 */
public record Bounds(double relative, double outputs, double drift) {
    /** What float32 sums in another order stay within, on models of a hundred million parameters and fewer. */
    public static final Bounds DEFAULT = new Bounds(1e-5, 5e-5, 1e-5);
}
