package dev.kausal.engine.config;

/**
 * How one layer rotates queries and keys by position (Su et al. 2021). Compared by identity: layers with equal
 * rotations share one instance.
 *
 * @param frequencies angle per position of each pair, [pair]; empty if the layer does not rotate. Dimensions of a head
 *     beyond the pairs are unchanged
 * @param neighbours whether a pair is (2i, 2i + 1) rather than (i, i + half)
 * @param amplitude factor on rotated pairs, in queries and keys: 1 except for some scaled positions
 * @param patches whether an image's patches are rotated, the first half of the pairs by row and the rest by column,
 *     with frequencies in angles per full turn
 */
public record RotaryConfig(float[] frequencies, boolean neighbours, double amplitude, boolean patches) {
    /** A layer that does not rotate. */
    public static final RotaryConfig NONE = new RotaryConfig(new float[0], false, 1, false);

    private static final int MOST_DIMS = 100_000;

    /** Returns rotation of halves against each other, over {@code dims} dimensions of a head. */
    public static RotaryConfig halves(double theta, int dims) {
        float[] frequencies = pairs(dims);
        for (int i = 0; i < frequencies.length; i++) {
            // In float32, as the reference implementations round them.
            frequencies[i] = 1f / (float) Math.pow(theta, (2f * i) / dims);
        }
        return new RotaryConfig(frequencies, false, 1, false);
    }

    /** Returns room for the pairs of {@code dims} dimensions, which no tensor has confirmed yet. */
    private static float[] pairs(int dims) {
        if (dims > MOST_DIMS) {
            throw new ConfigException(
                    "its rotary heads",
                    "they are " + dims + " wide.",
                    "At most " + MOST_DIMS + " dimensions are supported.");
        }
        return new float[dims / 2];
    }

    /** Returns rotation of neighbouring dimensions. */
    public static RotaryConfig neighbours(double theta, int dims) {
        return new RotaryConfig(halves(theta, dims).frequencies(), true, 1, false);
    }

    /** Returns rotation of halves over all {@code dims} dimensions of a head, by row and column of a patch. */
    public static RotaryConfig patches(double theta, int dims) {
        float[] frequencies = pairs(dims);
        for (int i = 0; i < dims / 4; i++) {
            // In float32, as the reference implementation rounds them.
            frequencies[i] = 1f / (float) Math.pow(theta, (float) (i * (4.0 / dims)));
            frequencies[dims / 4 + i] = frequencies[i];
        }
        return new RotaryConfig(frequencies, false, 1, true);
    }

    /** Returns a copy with positions divided by a factor. */
    RotaryConfig linear(double factor) {
        float[] scaled = frequencies.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] /= (float) factor;
        }
        return new RotaryConfig(scaled, neighbours, amplitude, patches);
    }

    /** Returns a copy with each frequency divided by its own factor [pair]. */
    public RotaryConfig divided(float[] factors) {
        float[] scaled = frequencies.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] /= factors[i];
        }
        return new RotaryConfig(scaled, neighbours, amplitude, patches);
    }

    /**
     * Applies Llama 3.1's scaling: wavelengths above {@code context / low} are slowed by {@code factor}, those below
     * {@code context / high} are kept, with a blend in between.
     */
    RotaryConfig llama3(double factor, double low, double high, double context) {
        float[] scaled = frequencies.clone();
        for (int i = 0; i < scaled.length; i++) {
            double turns = context * frequencies[i] / (2 * Math.PI);
            double kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
            scaled[i] = (float) (kept * frequencies[i] + (1 - kept) * frequencies[i] / factor);
        }
        return new RotaryConfig(scaled, neighbours, amplitude, patches);
    }

    /**
     * Applies YaRN (Peng et al. 2023): pairs that turn more than {@code fast} times within {@code context} are kept,
     * those that turn fewer than {@code slow} times are slowed by {@code factor}, with a linear blend in between.
     *
     * @param whole whether the blend starts and ends at whole pairs
     */
    RotaryConfig yarn(double factor, double theta, double context, double fast, double slow, boolean whole) {
        int dims = 2 * frequencies.length;
        double from = pairTurning(fast, dims, theta, context);
        double to = pairTurning(slow, dims, theta, context);
        double low = Math.max(whole ? Math.floor(from) : from, 0);
        double high = Math.min(whole ? Math.ceil(to) : to, dims - 1.0);
        float[] scaled = frequencies.clone();
        for (int i = 0; i < scaled.length; i++) {
            // In float32, as the reference implementations round them.
            float blend = (float) ((float) (i - low) / (high == low ? 0.001 : high - low));
            float kept = 1 - Math.min(1, Math.max(0, blend));
            float slowed = 1f / ((float) factor * (1f / frequencies[i]));
            scaled[i] = slowed * (1 - kept) + frequencies[i] * kept;
        }
        return new RotaryConfig(scaled, neighbours, amplitude, patches);
    }

    /** Returns the (fractional) index of the pair that makes this number of turns within {@code context} positions. */
    private static double pairTurning(double times, int dims, double theta, double context) {
        return dims * Math.log(context / (times * 2 * Math.PI)) / (2 * Math.log(theta));
    }

    /** Returns a copy whose results are multiplied by {@code other}. */
    RotaryConfig withAmplitude(double other) {
        return new RotaryConfig(frequencies, neighbours, other, patches);
    }

    /** Returns whether the layer rotates at all. */
    public boolean rotates() {
        return frequencies.length > 0;
    }
}
