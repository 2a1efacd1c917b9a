package dev.kausal.engine.analysis.attention;

import java.util.Arrays;

/** How unlike two maps of attention are; maps of equal length, not all 0. */
public enum MapDistance {
    /** 1 − cosine of the angle between them: 0 for maps of one shape, 1 for maps that share no key. */
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
    /** 1 − Pearson's correlation over keys, 0 to 2: what both have in common everywhere does not count. */
    CORRELATION {
        @Override
        public double between(double[] a, double[] b) {
            return COSINE.between(centred(a), centred(b));
        }
    },
    /**
     * Jensen-Shannon divergence in nats of the maps divided by their sums, 0 to ln 2; Clark et al. 2019 compare heads
     * by it.
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

    /** The distance of two maps [key]. */
    public abstract double between(double[] a, double[] b);

    private static double[] centred(double[] map) {
        double mean = Arrays.stream(map).average().orElse(0);
        return Arrays.stream(map).map(value -> value - mean).toArray();
    }
}
