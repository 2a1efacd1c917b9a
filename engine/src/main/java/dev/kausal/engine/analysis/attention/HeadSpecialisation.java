package dev.kausal.engine.analysis.attention;

import java.util.ArrayList;
import java.util.List;

/**
 * Which heads attend alike over many images: pairwise similarity of the heads of the layers read, and its clustering.
 *
 * <p>Maps are compared image by image, and the similarities are averaged: heads that attend to different objects in the
 * same way on each image are similar, even if their mean maps are flat.
 *
 * @param heads names such as {@code L3H5}, [head]
 * @param similarity 1 − mean distance over images, [head][head]
 * @param clusters average linkage of the distances; its order groups similar heads
 * @param maps mean map of each head over images, each map normalised first, [head][patch]
 * @param images number of images
 */
public record HeadSpecialisation(
        List<String> heads, double[][] similarity, AverageLinkage clusters, double[][] maps, int images) {
    public HeadSpecialisation {
        heads = List.copyOf(heads);
    }

    /** Compares heads by the correlation of their maps; see {@link #of(List, MapDistance)}. */
    public static HeadSpecialisation of(List<PatchMaps> images) {
        return of(images, MapDistance.CORRELATION);
    }

    /**
     * Compares heads.
     *
     * @param images one each, all with the same layers and grid
     * @throws AttentionRangeException if layers or grids differ, or the list is empty
     */
    public static HeadSpecialisation of(List<PatchMaps> images, MapDistance distance) {
        if (images.isEmpty()) {
            throw new AttentionRangeException("Comparing heads needs at least one image, but none was given.");
        }
        PatchMaps first = images.get(0);
        List<String> heads = new ArrayList<>();
        for (int layer : first.layers()) {
            for (int head = 0; head < first.maps()[0].length; head++) {
                heads.add("L" + layer + "H" + head);
            }
        }
        double[][] distances = new double[heads.size()][heads.size()];
        double[][] means = new double[heads.size()][first.grid().patches()];
        for (PatchMaps image : images) {
            requireAlike(first, image);
            double[][] maps = flat(image);
            for (int one = 0; one < maps.length; one++) {
                for (int other = 0; other < one; other++) {
                    double part = distance.between(maps[one], maps[other]) / images.size();
                    distances[one][other] += part;
                    distances[other][one] += part;
                }
                addShares(means[one], maps[one], images.size());
            }
        }
        double[][] similarity = new double[heads.size()][heads.size()];
        for (int one = 0; one < heads.size(); one++) {
            for (int other = 0; other < heads.size(); other++) {
                similarity[one][other] = 1 - distances[one][other];
            }
        }
        return new HeadSpecialisation(heads, similarity, AverageLinkage.of(distances), means, images.size());
    }

    private static void requireAlike(PatchMaps first, PatchMaps other) {
        if (!first.layers().equals(other.layers()) || !first.grid().equals(other.grid())) {
            throw new AttentionRangeException(
                    "Comparing heads needs images of one size and the same layers, but one has "
                            + first.grid().rows() + " x " + first.grid().columns() + " patches of layers "
                            + first.layers()
                            + " and another " + other.grid().rows() + " x "
                            + other.grid().columns() + " of layers " + other.layers() + ". Resize them to one size.");
        }
    }

    private static double[][] flat(PatchMaps image) {
        List<double[]> flat = new ArrayList<>();
        for (double[][] layer : image.maps()) {
            flat.addAll(List.of(layer));
        }
        return flat.toArray(double[][]::new);
    }

    private static void addShares(double[] sum, double[] map, int images) {
        double total = java.util.Arrays.stream(map).sum();
        for (int patch = 0; patch < map.length; patch++) {
            sum[patch] += total == 0 ? 0 : map[patch] / total / images;
        }
    }
}
