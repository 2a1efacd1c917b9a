package dev.kausal.engine.certify;

/**
 * The largest differences that pass.
 *
 * @param relative bound at hook points against the reference, relative to the larger of 1 and the largest value there
 * @param outputs bound on logits (or hidden states) against the reference, absolute
 * @param drift bound on the outputs if a point is patched with its own value, and between executors; relative to the
 *     larger of 1 and the largest output
 */
public record Bounds(double relative, double outputs, double drift) {
    /** Float32 sums in another order stay within these on models of up to a hundred million parameters. */
    public static final Bounds DEFAULT = new Bounds(1e-5, 5e-5, 1e-5);
}
