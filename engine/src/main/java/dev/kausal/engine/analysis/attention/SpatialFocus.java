package dev.kausal.engine.analysis.attention;

import java.util.Arrays;

/**
 * Location and concentration of an attention map on the image.
 *
 * @param row row of the patch with the largest weight; the first if several are equal
 * @param column its column
 * @param peak that patch's share of the map's sum
 * @param concentration 1 − H / ln n, H being the entropy of the normalised map over n patches: 0 if uniform, 1 if one
 *     patch gets all
 * @param centreRow mean row, weighted by the map
 * @param centreColumn mean column
 */
public record SpatialFocus(
        int row, int column, double peak, double concentration, double centreRow, double centreColumn) {
    /**
     * Computes the focus of one map.
     *
     * @param map weights [patch], row by row, not all 0
     */
    public static SpatialFocus of(double[] map, PatchGrid grid) {
        int best = 0;
        double sum = 0;
        double down = 0;
        double across = 0;
        for (int patch = 0; patch < map.length; patch++) {
            best = map[patch] > map[best] ? patch : best;
            sum += map[patch];
            int row = patch / grid.columns();
            down += map[patch] * row;
            across += map[patch] * (patch % grid.columns());
        }
        double concentration = map.length == 1 ? 1 : 1 - AttentionEntropy.ofShares(map) / Math.log(map.length);
        return new SpatialFocus(
                best / grid.columns(), best % grid.columns(), map[best] / sum, concentration, down / sum, across / sum);
    }

    /** Computes the focus of every layer and head [layer][head]. */
    public static SpatialFocus[][] of(PatchMaps maps) {
        return Arrays.stream(maps.maps())
                .map(heads ->
                        Arrays.stream(heads).map(map -> of(map, maps.grid())).toArray(SpatialFocus[]::new))
                .toArray(SpatialFocus[][]::new);
    }
}
