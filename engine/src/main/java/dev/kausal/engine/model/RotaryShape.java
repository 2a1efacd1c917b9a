package dev.kausal.engine.model;

/**
 * How one layer turns queries and keys by position (Su et al. 2021). Equal only to itself: layers that turn alike share
 * one.
 *
 * @param frequencies angle per position of each pair, [pair]; none where the layer does not rotate. Dimensions of a head
 *     beyond the pairs pass as they are
 * @param neighbours whether a pair is (2i, 2i + 1), or (i, i + half)
 */
public record RotaryShape(float[] frequencies, boolean neighbours) {
    /** A layer that does not rotate. */
    public static final RotaryShape NONE = new RotaryShape(new float[0], false);

    /** Halves against each other, over {@code dims} dimensions of a head. */
    static RotaryShape halves(double theta, int dims) {
        float[] frequencies = new float[dims / 2];
        for (int i = 0; i < frequencies.length; i++) {
            // In float32, as the reference implementations round them.
            frequencies[i] = 1f / (float) Math.pow(theta, (2f * i) / dims);
        }
        return new RotaryShape(frequencies, false);
    }

    /** Neighbours against each other. */
    static RotaryShape neighbours(double theta, int dims) {
        return new RotaryShape(halves(theta, dims).frequencies(), true);
    }

    /** Positions squeezed by a factor. */
    RotaryShape linear(double factor) {
        float[] scaled = frequencies.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] /= (float) factor;
        }
        return new RotaryShape(scaled, neighbours);
    }

    /** Each frequency divided by its own factor [pair]. */
    RotaryShape divided(float[] factors) {
        float[] scaled = frequencies.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] /= factors[i];
        }
        return new RotaryShape(scaled, neighbours);
    }

    /**
     * Llama 3.1's scaling: waves longer than {@code context / low} are slowed by {@code factor}, those shorter than
     * {@code context / high} are kept, with a blend in between.
     */
    RotaryShape llama3(double factor, double low, double high, double context) {
        float[] scaled = frequencies.clone();
        for (int i = 0; i < scaled.length; i++) {
            double turns = context * frequencies[i] / (2 * Math.PI);
            double kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
            scaled[i] = (float) (kept * frequencies[i] + (1 - kept) * frequencies[i] / factor);
        }
        return new RotaryShape(scaled, neighbours);
    }

    /** Whether anything turns. */
    public boolean rotates() {
        return frequencies.length > 0;
    }
}
