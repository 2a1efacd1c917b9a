package dev.kausal.engine.analysis.attention;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Attention rollout (Abnar and Zuidema 2020, "Quantifying Attention Flow in Transformers"): how much of each input
 * position is mixed into each position after a layer, assuming that only attention moves information.
 *
 * <p>Heads are fused into A; its smallest weights are discarded; half of the identity is added for the residual
 * connection, 0.5 A + 0.5 I; rows are normalised; layers are multiplied, last one leftmost. The paper fuses by the mean
 * and discards nothing. Maximum, minimum and discarding come from later code for vision transformers. Some of that code
 * normalises columns instead of rows, so that the rows of its products do not sum to 1.
 *
 * <p>Rollout ignores values and MLPs: it does not show what the model uses. Remove positions to test that.
 */
public final class AttentionRollout {
    private AttentionRollout() {}

    /**
     * Options of a rollout.
     *
     * @param fusion how heads are fused
     * @param discard fraction of a layer's weights, smallest first, set to 0: from 0 to below 1. Of n² weights,
     *     floor(n² · discard) are dropped; ties go to the lower position
     * @param residual whether half of the identity is mixed in
     */
    public record Options(HeadFusion fusion, double discard, boolean residual) {
        /** The paper's options. */
        public static final Options PAPER = new Options(HeadFusion.MEAN, 0, true);

        public Options {
            if (!(discard >= 0 && discard < 1)) {
                throw new AttentionRangeException("discard must be a fraction from 0 to below 1, not " + discard + ".");
            }
        }
    }

    /**
     * Computes the rollout up to each layer.
     *
     * @param pattern consecutive layers; the rollout starts at the first
     * @return [layer][query][key]: share of input position {@code key} in position {@code query} after that layer. Rows
     *     sum to 1, except a row whose weights were all discarded without a residual
     * @throws AttentionRangeException if a layer in between was not read
     */
    public static double[][][] of(AttentionPattern pattern, Options options) {
        pattern.requireConsecutive("Rollout");
        double[][][] rollout = new double[pattern.layers().size()][][];
        for (int layer = 0; layer < rollout.length; layer++) {
            double[][] mixed = mixed(options.fusion().fuse(pattern.weights()[layer]), options);
            rollout[layer] = layer == 0 ? mixed : product(mixed, rollout[layer - 1]);
        }
        return rollout;
    }

    private static double[][] mixed(double[][] fused, Options options) {
        discard(fused, options.discard());
        for (int query = 0; query < fused.length; query++) {
            if (options.residual()) {
                for (int key = 0; key < fused.length; key++) {
                    fused[query][key] = 0.5 * fused[query][key] + (key == query ? 0.5 : 0);
                }
            }
            double sum = Arrays.stream(fused[query]).sum();
            for (int key = 0; key < fused.length && sum > 0; key++) {
                fused[query][key] /= sum;
            }
        }
        return fused;
    }

    private static void discard(double[][] weights, double part) {
        int n = weights.length;
        IntStream.range(0, n * n)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> weights[i / n][i % n]))
                .limit((long) Math.floor((double) n * n * part))
                .forEach(i -> weights[i / n][i % n] = 0);
    }

    /** Multiplies a [n][k] by b [k][m]: [n][m]. */
    static double[][] product(double[][] a, double[][] b) {
        double[][] product = new double[a.length][b[0].length];
        for (int row = 0; row < a.length; row++) {
            for (int k = 0; k < b.length; k++) {
                double weight = a[row][k];
                for (int column = 0; weight != 0 && column < b[k].length; column++) {
                    product[row][column] += weight * b[k][column];
                }
            }
        }
        return product;
    }
}
