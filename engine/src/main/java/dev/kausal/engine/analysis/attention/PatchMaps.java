package dev.kausal.engine.analysis.attention;

import java.util.Arrays;
import java.util.List;

/**
 * Attention to the patches of an image, by layer and head. Attention to [CLS], registers and the like is dropped
 * without renormalising: a map sums to the share of attention that patches get.
 *
 * @param grid layout of the patches
 * @param layers layers read
 * @param maps [layer][head][patch], patches row by row
 */
public record PatchMaps(PatchGrid grid, List<Integer> layers, double[][][] maps) {
    /**
     * Takes the attention of one position.
     *
     * @param query such as {@link PatchGrid#cls} or {@link PatchGrid#position}
     */
    public static PatchMaps from(AttentionPattern pattern, PatchGrid grid, int query) {
        double[][][] all = pattern.from(query);
        double[][][] maps = new double[all.length][pattern.heads()][];
        for (int layer = 0; layer < maps.length; layer++) {
            for (int head = 0; head < maps[layer].length; head++) {
                maps[layer][head] = grid.patches(all[layer][head]);
            }
        }
        return new PatchMaps(grid, pattern.layers(), maps);
    }

    /** Averages over the patches' own queries: the view of a head that pools patches. */
    public static PatchMaps fromPatches(AttentionPattern pattern, PatchGrid grid) {
        double[][][] sums = new double[pattern.layers().size()][pattern.heads()][grid.patches()];
        for (int query = grid.prefix().size(); query < grid.length(); query++) {
            double[][][] one = from(pattern, grid, query).maps;
            for (int layer = 0; layer < sums.length; layer++) {
                for (int head = 0; head < sums[layer].length; head++) {
                    for (int patch = 0; patch < grid.patches(); patch++) {
                        sums[layer][head][patch] += one[layer][head][patch] / grid.patches();
                    }
                }
            }
        }
        return new PatchMaps(grid, pattern.layers(), sums);
    }

    /** Takes the attention of [CLS], or the mean over patches if the model has none. */
    public static PatchMaps ofImage(AttentionPattern pattern, PatchGrid grid) {
        return grid.hasCls() ? from(pattern, grid, grid.cls()) : fromPatches(pattern, grid);
    }

    /** Returns the mean over the heads of each layer [layer][patch]. */
    public double[][] means() {
        double[][] means = new double[maps.length][grid.patches()];
        for (int layer = 0; layer < maps.length; layer++) {
            for (double[] map : maps[layer]) {
                for (int patch = 0; patch < map.length; patch++) {
                    means[layer][patch] += map[patch] / maps[layer].length;
                }
            }
        }
        return means;
    }

    /** Returns the share of each head's attention that goes to patches [layer][head]. */
    public double[][] shares() {
        return Arrays.stream(maps)
                .map(heads -> Arrays.stream(heads)
                        .mapToDouble(map -> Arrays.stream(map).sum())
                        .toArray())
                .toArray(double[][]::new);
    }
}
