package dev.kausal.engine.analysis.attention;

/**
 * Mean attention distance (Dosovitskiy et al. 2021, figure 7 and appendix D.7): how far from itself a patch looks, as
 * the receptive field of a convolution. Distances are between the middles of patches, weighted by attention, and
 * averaged over patches that look.
 *
 * <p>Attention to [CLS] and registers has no distance: each row is divided by what patches get of it. Code that leaves
 * the rows as they are, counting such attention as distance 0, gives smaller numbers.
 *
 * @param pixels [layer][head]
 * @param patches [layer][head]: the same in sides of a patch, where patches are square; else in patches' mean sides
 */
public record AttentionDistance(double[][] pixels, double[][] patches) {
    /** Of every layer and head. */
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
