package dev.kausal.engine.replacement;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The part of an attribution graph with most of its influence.
 *
 * @param sources sources that stay: all tokens, and features and errors with the largest influence that are joined to others
 * @param influence of each source of the whole graph
 * @param cumulative of each source, the share of all influence that it and those with more have
 * @param links direct effects that stay, by target and source
 */
@SuppressWarnings("ArrayRecordComponent") // compared by no one
public record PrunedGraph(BitSet sources, double[] influence, double[] cumulative, List<Link> links) {
    /**
     * A direct effect.
     *
     * @param source source of the whole graph
     * @param target target of the whole graph
     */
    public record Link(int source, int target, float weight) {}

    /**
     * Prunes a graph.
     *
     * @param nodeThreshold share of all influence that the sources that stay have
     * @param edgeThreshold share of what edges carry that the edges between these have
     */
    public static PrunedGraph of(AttributionGraph graph, double nodeThreshold, double edgeThreshold) {
        double[] influence = Influence.of(graph);
        BitSet sources = atLeast(influence, threshold(influence, nodeThreshold));
        sources.set(graph.token(0), graph.sources());
        float[][] rows = masked(graph, sources);
        BitSet[] edges = edges(graph, rows, edgeThreshold);
        connect(graph, sources, edges);
        List<Link> links = new ArrayList<>();
        for (int target = 0; target < rows.length; target++) {
            int of = target;
            edges[target].stream().forEach(source -> links.add(new Link(source, of, graph.rows()[of][source])));
        }
        return new PrunedGraph(sources, influence, cumulative(influence), links);
    }

    private static BitSet atLeast(double[] values, double threshold) {
        BitSet found = new BitSet();
        IntStream.range(0, values.length).filter(i -> values[i] >= threshold).forEach(found::set);
        return found;
    }

    /** Returns the value of the last of the largest values that together have {@code share} of the sum. */
    private static double threshold(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double total = Arrays.stream(sorted).sum();
        double sum = 0;
        for (int i = sorted.length - 1; i > 0; i--) {
            sum += sorted[i];
            if (sum >= share * total) {
                return sorted[i];
            }
        }
        return sorted.length == 0 ? 0 : sorted[0];
    }

    private static float[][] masked(AttributionGraph graph, BitSet sources) {
        int features = graph.features().length;
        float[][] rows = new float[graph.rows().length][];
        for (int target = 0; target < rows.length; target++) {
            float[] row = graph.rows()[target];
            rows[target] = new float[row.length];
            if (target >= features || sources.get(target)) {
                for (int source = sources.nextSetBit(0); source >= 0; source = sources.nextSetBit(source + 1)) {
                    rows[target][source] = row[source];
                }
            }
        }
        return rows;
    }

    /** Returns the edges of each target that stay. */
    private static BitSet[] edges(AttributionGraph graph, float[][] rows, double share) {
        int features = graph.features().length;
        double[] influence = Influence.of(graph, rows);
        double[][] scores = new double[rows.length][];
        for (int target = 0; target < rows.length; target++) {
            double weight = target < features ? influence[target] : graph.probabilities()[target - features];
            scores[target] = Arrays.stream(Influence.shares(rows[target]))
                    .map(part -> part * weight)
                    .toArray();
        }
        double[] present = Arrays.stream(scores)
                .flatMapToDouble(Arrays::stream)
                .filter(score -> score > 0)
                .toArray();
        double threshold = threshold(present, share);
        return Arrays.stream(scores)
                .map(row -> {
                    BitSet kept = new BitSet();
                    IntStream.range(0, row.length)
                            .filter(source -> row[source] > 0 && row[source] >= threshold)
                            .forEach(kept::set);
                    return kept;
                })
                .toArray(BitSet[]::new);
    }

    /** Removes features and errors without an edge to a later node, and features without one from an earlier node. */
    private static void connect(AttributionGraph graph, BitSet sources, BitSet[] edges) {
        int features = graph.features().length;
        int before;
        do {
            before = sources.cardinality();
            BitSet used = new BitSet();
            for (BitSet row : edges) {
                used.or(row);
            }
            used.set(graph.token(0), graph.sources());
            sources.and(used);
            for (int feature = 0; feature < features; feature++) {
                if (edges[feature].isEmpty()) {
                    sources.clear(feature);
                }
            }
            for (int target = 0; target < edges.length; target++) {
                if (target < features && !sources.get(target)) {
                    edges[target].clear();
                }
                edges[target].and(sources);
            }
        } while (sources.cardinality() < before);
    }

    private static double[] cumulative(double[] influence) {
        double[] shares = new double[influence.length];
        double total = Arrays.stream(influence).sum();
        double sum = 0;
        for (int source : IntStream.range(0, influence.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -influence[i]))
                .toList()) {
            sum += influence[source];
            shares[source] = sum / total;
        }
        return shares;
    }
}
