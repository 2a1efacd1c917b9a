package dev.kausal.engine.images;

import dev.kausal.engine.config.Preprocessing.Interpolation;

/**
 * Resizing along one axis, bit-equal to Pillow: bilinear and bicubic with a filter that widens when shrinking, weights
 * in 22-bit fixed point, each axis rounded to 8 bits. PyTorch's and OpenCV's functions of these names differ.
 *
 * <p>Columns come first, except that rows come first if more than twice as many of them are removed: Pillow 13's order,
 * found by trying a thousand sizes. Earlier versions always begin with columns, which changes results by up to two
 * levels.
 */
final class Resizing {
    private static final int BITS = 32 - 8 - 2;
    private final int[] first;
    private final int[][] weights;

    private Resizing(int from, int to, Interpolation interpolation) {
        Shares shares = Shares.of(from, to, interpolation);
        this.first = shares.first();
        this.weights = new int[to][];
        for (int i = 0; i < to; i++) {
            weights[i] = new int[shares.weights()[i].length];
            for (int k = 0; k < weights[i].length; k++) {
                double fixed = shares.weights()[i][k] * (1 << BITS);
                weights[i][k] = (int) (fixed < 0 ? fixed - 0.5 : fixed + 0.5);
            }
        }
    }

    /**
     * The weights of input pixels in each output pixel.
     *
     * @param first first input pixel with a weight
     * @param weights weights of that and the following pixels; their sum is 1
     */
    record Shares(int[] first, double[][] weights) {
        /** Computes the weights from {@code from} pixels to {@code to}. */
        static Shares of(int from, int to, Interpolation interpolation) {
            int[] first = new int[to];
            double[][] weights = new double[to][];
            double scale = (double) from / to;
            double stretch = Math.max(1, scale);
            double squeeze = 1 / stretch;
            double support = stretch * (interpolation == Interpolation.BICUBIC ? 2 : 1);
            for (int i = 0; i < to; i++) {
                double centre = (i + 0.5) * scale;
                if (interpolation == Interpolation.NEAREST) {
                    first[i] = (int) centre;
                    weights[i] = new double[] {1};
                    continue;
                }
                first[i] = Math.max(0, (int) (centre - support + 0.5));
                weights[i] = new double[Math.min(from, (int) (centre + support + 0.5)) - first[i]];
                double total = 0;
                for (int k = 0; k < weights[i].length; k++) {
                    weights[i][k] = weight((k + first[i] - centre + 0.5) * squeeze, interpolation);
                    total += weights[i][k];
                }
                for (int k = 0; k < weights[i].length; k++) {
                    weights[i][k] /= total;
                }
            }
            return new Shares(first, weights);
        }
    }

    private static double weight(double distance, Interpolation interpolation) {
        double x = Math.abs(distance);
        if (interpolation == Interpolation.BILINEAR) {
            return Math.max(0, 1 - x);
        }
        double a = -0.5;
        if (x < 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }

    /** Returns the picture in another size, or itself if the size is the same. */
    static Picture of(Picture picture, int rows, int columns, Interpolation interpolation) {
        int fewerRows = picture.rows() - rows;
        boolean rowsFirst = fewerRows > 0 && fewerRows > 2L * (picture.columns() - columns);
        PixelLimit.check(picture, rowsFirst ? rows : picture.rows(), rowsFirst ? picture.columns() : columns);
        PixelLimit.check(picture, rows, columns);
        Picture once = rowsFirst ? tall(picture, rows, interpolation) : wide(picture, columns, interpolation);
        return rowsFirst ? wide(once, columns, interpolation) : tall(once, rows, interpolation);
    }

    private static Picture wide(Picture picture, int columns, Interpolation interpolation) {
        return picture.columns() == columns
                ? picture
                : new Resizing(picture.columns(), columns, interpolation).columns(picture);
    }

    private static Picture tall(Picture picture, int rows, Interpolation interpolation) {
        return picture.rows() == rows ? picture : new Resizing(picture.rows(), rows, interpolation).rows(picture);
    }

    private Picture columns(Picture picture) {
        byte[] from = picture.rgb();
        byte[] to = new byte[picture.rows() * first.length * Picture.RGB];
        int at = 0;
        for (int row = 0; row < picture.rows(); row++) {
            for (int column = 0; column < first.length; column++) {
                int start = (row * picture.columns() + first[column]) * Picture.RGB;
                for (int channel = 0; channel < Picture.RGB; channel++) {
                    to[at++] = sum(from, start + channel, Picture.RGB, weights[column]);
                }
            }
        }
        return new Picture(picture.rows(), first.length, to);
    }

    private Picture rows(Picture picture) {
        byte[] from = picture.rgb();
        int width = picture.columns() * Picture.RGB;
        byte[] to = new byte[first.length * width];
        for (int row = 0; row < first.length; row++) {
            for (int i = 0; i < width; i++) {
                to[row * width + i] = sum(from, first[row] * width + i, width, weights[row]);
            }
        }
        return new Picture(first.length, picture.columns(), to);
    }

    private static byte sum(byte[] from, int start, int step, int[] weights) {
        int sum = 1 << (BITS - 1);
        for (int k = 0; k < weights.length; k++) {
            sum += (from[start + k * step] & 0xff) * weights[k];
        }
        return (byte) Math.max(0, Math.min(255, sum >> BITS));
    }
}
