package dev.kausal.engine.certify;

import dev.kausal.engine.tensor.Precision;

/**
 * The largest differences that pass.
 *
 * @param relative bound at hook points against the reference, relative to the larger of 1 and the largest value there
 * @param outputs bound on logits (or hidden states) against the reference, absolute
 * @param drift bound on the outputs if a point is patched with its own value, and between executors; relative to the
 *     larger of 1 and the largest output
 * @param ties two outputs of the reference that differ by at most this may change places as the largest
 */
public record Bounds(double relative, double outputs, double drift, double ties) {
    /** Float32 sums in another order stay within these on models of up to a hundred million parameters. */
    public static final Bounds DEFAULT = new Bounds(1e-5, 5e-5, 1e-5, 0);

    /** The same in bfloat16, whose roundings are 2^16 times as large. */
    public static final Bounds BFLOAT16 = new Bounds(0.1, 0.5, 0.05, 0.5);

    /** Returns the bounds that apply unless others are asked for. */
    public static Bounds of(Precision precision) {
        return precision == Precision.FLOAT32 ? DEFAULT : BFLOAT16;
    }
}
