package dev.kausal.engine.replacement;

/**
 * How much of a prompt's computation an attribution graph explains (Ameisen et al. 2025).
 *
 * @param replacement influence of the tokens divided by that of tokens and errors: the share that reaches the logits through features
 *     alone
 * @param completeness share of what enters the nodes that does not come from errors, nodes weighted by their influence
 */
public record GraphScores(double replacement, double completeness) {
    /** Returns the scores of a graph before it is pruned. */
    public static GraphScores of(AttributionGraph graph) {
        double[] influence = Influence.of(graph);
        int features = graph.features().length;
        int tokens = graph.token(0);
        double ofTokens = sum(influence, tokens, influence.length);
        double ofErrors = sum(influence, features, tokens);
        double total = sum(influence, 0, influence.length);
        double explained = ofTokens + ofErrors;
        for (int target = 0; target < graph.rows().length; target++) {
            double[] shares = Influence.shares(graph.rows()[target]);
            double weight = target < features ? influence[target] : graph.probabilities()[target - features];
            explained += weight * (1 - sum(shares, features, tokens));
            total += target < features ? 0 : weight;
        }
        return new GraphScores(ofTokens / (ofTokens + ofErrors), explained / total);
    }

    private static double sum(double[] values, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += values[i];
        }
        return sum;
    }
}
