package dev.kausal.engine.analysis.attention;

/**
 * Attention propagated through the layers, in two distinct senses of "flow".
 *
 * <p>{@link #accumulated} is what tutorials call attention flow: the product of the layers' patterns, heads averaged,
 * last layer leftmost, <em>without</em> the residual connection. It is a rollout that ignores the identity path, so it
 * spreads faster, and with depth all rows converge.
 *
 * <p>{@link #maximum} is the attention flow of Abnar and Zuidema 2020: positions before and after each layer are nodes
 * of a network whose capacities are the attention weights mixed with the residual, 0.5 A + 0.5 I; the flow from an
 * input position to an output position is the maximum flow between the two, regardless of other inputs. Rollout
 * multiplies weights along a path, flow takes their minimum: its numbers are larger, and do not sum to 1.
 */
public final class AttentionFlow {
    private AttentionFlow() {}

    /**
     * Multiplies patterns without the residual, up to each layer.
     *
     * @return [layer][query][key]; rows sum to 1
     * @throws AttentionRangeException if a layer in between was not read
     */
    public static double[][][] accumulated(AttentionPattern pattern) {
        return AttentionRollout.of(pattern, new AttentionRollout.Options(HeadFusion.MEAN, 0, false));
    }

    /**
     * Computes the maximum flow between one position after the last layer and every input position, by Dinic's
     * algorithm on layers · n² edges, once per input position: slow for hundreds of positions.
     *
     * @param query position after the last layer read
     * @return [key], each at most 1
     * @throws AttentionRangeException if a layer in between was not read, or there is no such position
     */
    public static double[] maximum(AttentionPattern pattern, int query) {
        pattern.requireConsecutive("Attention flow");
        int n = pattern.length();
        AttentionRangeException.check("Position", query, n);
        double[][][] pipes = pattern.fused(HeadFusion.MEAN);
        for (double[][] layer : pipes) {
            for (int row = 0; row < n; row++) {
                for (int key = 0; key < n; key++) {
                    layer[row][key] = 0.5 * layer[row][key] + (row == key ? 0.5 : 0);
                }
            }
        }
        double[] flows = new double[n];
        for (int key = 0; key < n; key++) {
            flows[key] = new LayeredFlow(pipes).between(query, key);
        }
        return flows;
    }
}
