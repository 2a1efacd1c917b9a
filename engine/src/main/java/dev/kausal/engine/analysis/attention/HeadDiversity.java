package dev.kausal.engine.analysis.attention;

import java.util.Arrays;

/**
 * Diversity of the heads of a layer: mean pairwise distance of their maps, by {@link MapDistance#COSINE} by default; 0
 * if all maps are equal, and for a single head.
 */
public final class HeadDiversity {
    private HeadDiversity() {}

    /** Computes the diversity by cosine distance; see {@link #of(double[][][], MapDistance)}. */
    public static double[] of(double[][][] maps) {
        return of(maps, MapDistance.COSINE);
    }

    /**
     * Computes the mean pairwise distance in each layer.
     *
     * @param maps [layer][head][key], such as {@link PatchMaps#maps} from [CLS], or {@link AttentionPattern#from}
     * @return [layer]
     */
    public static double[] of(double[][][] maps, MapDistance distance) {
        return Arrays.stream(maps).mapToDouble(heads -> mean(heads, distance)).toArray();
    }

    private static double mean(double[][] heads, MapDistance distance) {
        double sum = 0;
        int pairs = 0;
        for (int one = 0; one < heads.length; one++) {
            for (int other = 0; other < one; other++) {
                sum += distance.between(heads[one], heads[other]);
                pairs++;
            }
        }
        return pairs == 0 ? 0 : sum / pairs;
    }
}
