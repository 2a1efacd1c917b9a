package dev.kausal.engine.replacement;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How much of the logits is due to each node of an attribution graph, over all paths (Ameisen et al. 2025): effects on a target are
 * taken by size and divided by their sum, and shares multiply along paths.
 */
public final class Influence {
    private Influence() {}

    /**
     * Returns the influence of each source on the logits, which weigh as given.
     *
     * @param rows effects [target][source], the logits' first
     * @param weights weight of each logit
     * @param targets feature of each further row; by layers, no feature has an effect on an earlier one
     */
    static double[] of(List<float[]> rows, double[] weights, List<Integer> targets) {
        double[] influence = new double[rows.get(0).length];
        for (int i = 0; i < weights.length; i++) {
            add(influence, rows.get(i), weights[i]);
        }
        // Features are numbered by layer, so that what a feature passes on is complete once it has its turn.
        List<Integer> order = IntStream.range(0, targets.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> -targets.get(i)))
                .toList();
        for (int i : order) {
            add(influence, rows.get(weights.length + i), influence[targets.get(i)]);
        }
        return influence;
    }

    private static void add(double[] influence, float[] row, double weight) {
        double sum = sum(row);
        if (weight == 0 || sum == 0) {
            return;
        }
        for (int source = 0; source < row.length; source++) {
            influence[source] += weight * Math.abs(row[source]) / sum;
        }
    }

    private static double sum(float[] row) {
        double sum = 0;
        for (float value : row) {
            sum += Math.abs(value);
        }
        return sum;
    }

    /** Returns the influence of each source of a graph on its logits, which weigh their probabilities. */
    public static double[] of(AttributionGraph graph) {
        return of(graph, graph.rows());
    }

    /** Returns the influence with other rows than the graph's own. */
    static double[] of(AttributionGraph graph, float[][] rows) {
        int features = graph.features().length;
        int logits = graph.logits().length;
        List<float[]> ordered = IntStream.concat(
                        IntStream.range(features, features + logits), IntStream.range(0, features))
                .mapToObj(target -> rows[target])
                .toList();
        List<Integer> targets = IntStream.range(0, features).boxed().toList();
        return of(ordered, graph.probabilities(), targets);
    }

    /** Returns each number of {@code row} by size, divided by their sum; zeros if all are 0. */
    static double[] shares(float[] row) {
        double sum = sum(row);
        double[] shares = new double[row.length];
        Arrays.setAll(shares, i -> sum == 0 ? 0 : Math.abs(row[i]) / sum);
        return shares;
    }
}
