package dev.kausal.engine.analysis.attention;

/** How the heads of a layer are fused into one pattern. Only the mean's rows still sum to 1. */
public enum HeadFusion {
    /** Arithmetic mean, as in Abnar and Zuidema 2020. */
    MEAN {
        @Override
        double of(double a, double b) {
            return a + b;
        }
    },
    /** The largest weight of any head. */
    MAX {
        @Override
        double of(double a, double b) {
            return Math.max(a, b);
        }
    },
    /** The smallest weight of any head: where all heads agree. */
    MIN {
        @Override
        double of(double a, double b) {
            return Math.min(a, b);
        }
    };

    abstract double of(double a, double b);

    /** Fuses [head][query][key] to [query][key]. */
    public double[][] fuse(float[][][] heads) {
        int queries = heads[0].length;
        double[][] fused = new double[queries][heads[0][0].length];
        for (int query = 0; query < queries; query++) {
            for (int key = 0; key < fused[query].length; key++) {
                double value = heads[0][query][key];
                for (int head = 1; head < heads.length; head++) {
                    value = of(value, heads[head][query][key]);
                }
                fused[query][key] = this == MEAN ? value / heads.length : value;
            }
        }
        return fused;
    }
}
