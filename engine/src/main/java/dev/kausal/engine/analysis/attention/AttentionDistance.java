package dev.kausal.engine.analysis.attention;

/**
 * Mean attention distance (Dosovitskiy et al. 2021, figure 7 and appendix D.7): how far a patch attends, comparable to
 * the receptive field of a convolution. Distances are between patch centres, weighted by attention and averaged over
 * query patches.
 *
 * <p>Attention to [CLS] and registers has no distance: each row is renormalised over patches. Code that skips this step
 * and counts such attention as distance 0 gives smaller numbers.
 *
 * @param pixels [layer][head]
 * @param patches [layer][head]: the same in patch side lengths (the mean side if patches are not square)
 */
public record AttentionDistance(double[][] pixels, double[][] patches) {
    /** Computes the distance for every layer and head. */
    public static AttentionDistance of(AttentionPattern pattern, PatchGrid grid) {
        double[][] pixels = new double[pattern.layers().size()][pattern.heads()];
        double[][] patches = new double[pixels.length][pattern.heads()];
        for (int layer = 0; layer < pixels.length; layer++) {
            for (int head = 0; head < pattern.heads(); head++) {
                pixels[layer][head] = mean(pattern.weights()[layer][head], grid);
                patches[layer][head] = pixels[layer][head] / ((grid.patchRows() + grid.patchColumns()) / 2.0);
            }
        }
        return new AttentionDistance(pixels, patches);
    }

    private static double mean(float[][] weights, PatchGrid grid) {
        int before = grid.prefix().size();
        double total = 0;
        for (int patch = 0; patch < grid.patches(); patch++) {
            double far = 0;
            double sum = 0;
            for (int other = 0; other < grid.patches(); other++) {
                double weight = weights[before + patch][before + other];
                far += weight * grid.pixels(patch, other);
                sum += weight;
            }
            total += sum == 0 ? 0 : far / sum;
        }
        return total / grid.patches();
    }
}
