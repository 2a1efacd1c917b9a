package dev.kausal.engine.tensor;

/**
 * Resampling along one axis. Bicubic like PyTorch's interpolate with {@code align_corners=False}; with {@code
 * antialias=True}, PyTorch uses another cubic, widened when shrinking, which the native library does not expose. Or
 * bilinear, without antialiasing.
 */
public final class Resampling {
    private final int[][] sources;
    private final float[][] weights;

    /** Creates a bicubic resampling of {@code from} entries to {@code to}. */
    public Resampling(int from, int to, boolean antialias) {
        this.sources = new int[to][];
        this.weights = new float[to][];
        double scale = (double) from / to;
        for (int i = 0; i < to; i++) {
            double centre = scale * (i + 0.5);
            if (antialias) {
                smoothed(i, from, centre, Math.max(1, scale));
            } else {
                plain(i, from, centre - 0.5);
            }
        }
    }

    public Resampling(int[][] sources, float[][] weights) {
        this.sources = sources;
        this.weights = weights;
    }

    /** Returns a bilinear resampling of {@code from} entries to {@code to}. */
    public static Resampling linear(int from, int to) {
        int[][] sources = new int[to][];
        float[][] weights = new float[to][];
        for (int i = 0; i < to; i++) {
            double at = Math.max(0, (double) from / to * (i + 0.5) - 0.5);
            int floor = (int) at;
            sources[i] = new int[] {floor, Math.min(from - 1, floor + 1)};
            weights[i] = new float[] {(float) (1 - (at - floor)), (float) (at - floor)};
        }
        return new Resampling(sources, weights);
    }

    private void plain(int i, int from, double at) {
        int floor = (int) Math.floor(at);
        sources[i] = new int[4];
        weights[i] = new float[4];
        for (int k = 0; k < 4; k++) {
            int source = floor - 1 + k;
            sources[i][k] = Math.min(from - 1, Math.max(0, source));
            weights[i][k] = (float) cubic(at - source, -0.75);
        }
    }

    private void smoothed(int i, int from, double centre, double stretch) {
        int first = Math.max(0, (int) (centre - 2 * stretch + 0.5));
        int count = Math.min(from, (int) (centre + 2 * stretch + 0.5)) - first;
        double[] raw = new double[count];
        double total = 0;
        for (int k = 0; k < count; k++) {
            raw[k] = cubic((k + first - centre + 0.5) / stretch, -0.5);
            total += raw[k];
        }
        sources[i] = new int[count];
        weights[i] = new float[count];
        for (int k = 0; k < count; k++) {
            sources[i][k] = first + k;
            weights[i][k] = (float) (raw[k] / total);
        }
    }

    private static double cubic(double distance, double a) {
        double x = Math.abs(distance);
        if (x < 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0;
    }

    /** Returns the resampling as a matrix [to, from] to multiply entries with from the left. */
    public float[] matrix(int from) {
        float[] matrix = new float[sources.length * from];
        for (int i = 0; i < sources.length; i++) {
            for (int k = 0; k < sources[i].length; k++) {
                matrix[i * from + sources[i][k]] += weights[i][k];
            }
        }
        return matrix;
    }
}
