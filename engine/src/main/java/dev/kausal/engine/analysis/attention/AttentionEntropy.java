package dev.kausal.engine.analysis.attention;

/**
 * Shannon entropy of attention over keys, −Σ p ln p in nats (Clark et al. 2019): 0 if a query attends to one key, ln n
 * if it attends to n keys equally.
 */
public final class AttentionEntropy {
    private AttentionEntropy() {}

    /** Returns the entropy of every query: [layer][head][query]. */
    public static double[][][] perQuery(AttentionPattern pattern) {
        double[][][] entropies = new double[pattern.layers().size()][pattern.heads()][pattern.length()];
        for (int layer = 0; layer < entropies.length; layer++) {
            for (int head = 0; head < entropies[layer].length; head++) {
                for (int query = 0; query < pattern.length(); query++) {
                    entropies[layer][head][query] = of(pattern.weights()[layer][head][query]);
                }
            }
        }
        return entropies;
    }

    /** Returns the mean over queries: [layer][head]. */
    public static double[][] mean(AttentionPattern pattern) {
        double[][][] entropies = perQuery(pattern);
        double[][] means = new double[entropies.length][pattern.heads()];
        for (int layer = 0; layer < means.length; layer++) {
            for (int head = 0; head < means[layer].length; head++) {
                means[layer][head] = java.util.Arrays.stream(entropies[layer][head])
                        .average()
                        .orElse(0);
            }
        }
        return means;
    }

    private static double of(float[] row) {
        double entropy = 0;
        for (float p : row) {
            entropy -= p > 0 ? p * Math.log(p) : 0;
        }
        return entropy;
    }

    /** Returns the entropy of weights after dividing them by their sum; 0 if all are 0. */
    static double ofShares(double[] weights) {
        double sum = java.util.Arrays.stream(weights).sum();
        double entropy = 0;
        for (double weight : weights) {
            double p = weight / sum;
            entropy -= p > 0 ? p * Math.log(p) : 0;
        }
        return entropy;
    }
}
