package dev.kausal.engine.analysis.attention;

import java.util.Arrays;

/** Distance between two attention maps of equal length, neither all 0. */
public enum MapDistance {
    /** 1 − cosine similarity: 0 for proportional maps, 1 for maps without a common key. */
    COSINE {
        @Override
        public double between(double[] a, double[] b) {
            double product = 0;
            double ofA = 0;
            double ofB = 0;
            for (int i = 0; i < a.length; i++) {
                product += a[i] * b[i];
                ofA += a[i] * a[i];
                ofB += b[i] * b[i];
            }
            double size = Math.sqrt(ofA) * Math.sqrt(ofB);
            return size == 0 ? 1 : 1 - product / size;
        }
    },
    /** 1 − Pearson correlation over keys, 0 to 2: a constant offset common to both does not count. */
    CORRELATION {
        @Override
        public double between(double[] a, double[] b) {
            return COSINE.between(centred(a), centred(b));
        }
    },
    /**
     * Jensen-Shannon divergence of the normalised maps, in nats, 0 to ln 2; used by Clark et al. 2019 to compare heads.
     */
    JENSEN_SHANNON {
        @Override
        public double between(double[] a, double[] b) {
            double ofA = Arrays.stream(a).sum();
            double ofB = Arrays.stream(b).sum();
            double divergence = 0;
            for (int i = 0; i < a.length; i++) {
                double p = a[i] / ofA;
                double q = b[i] / ofB;
                double mean = (p + q) / 2;
                divergence += (p > 0 ? p * Math.log(p / mean) : 0) + (q > 0 ? q * Math.log(q / mean) : 0);
            }
            return divergence / 2;
        }
    };

    /** Returns the distance of two maps [key]. */
    public abstract double between(double[] a, double[] b);

    private static double[] centred(double[] map) {
        double mean = Arrays.stream(map).average().orElse(0);
        return Arrays.stream(map).map(value -> value - mean).toArray();
    }
}
