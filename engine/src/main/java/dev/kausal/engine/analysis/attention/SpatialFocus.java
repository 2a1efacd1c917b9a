package dev.kausal.engine.analysis.attention;

import java.util.Arrays;

/**
 * Where on the image a map of attention is, and how much of it is there.
 *
 * @param row of the patch with the largest weight; of equal ones the first
 * @param column likewise
 * @param peak that patch's part of the map's sum
 * @param concentration 1 − H / ln n, H being the entropy of the map divided by its sum over n patches: 0 if all
 *     patches get the same, 1 if one gets all
 * @param centreRow mean row, weighted by the map
 * @param centreColumn mean column
 */
public record SpatialFocus(
        int row, int column, double peak, double concentration, double centreRow, double centreColumn) {
    /**
     * Of one map.
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

    /** Of every layer and head [layer][head]. */
    public static SpatialFocus[][] of(PatchMaps maps) {
        return Arrays.stream(maps.maps())
                .map(heads ->
                        Arrays.stream(heads).map(map -> of(map, maps.grid())).toArray(SpatialFocus[]::new))
                .toArray(SpatialFocus[][]::new);
    }
}
