package dev.kausal.engine.analysis.attention;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Hierarchical clustering by average linkage (UPGMA; Sokal and Michener 1958): repeatedly joins the two clusters with
 * the smallest mean distance between members. Deterministic: ties go to the pair of clusters formed first.
 *
 * @param merges in order; clusters 0 to n − 1 are the items, the i-th merge makes cluster n + i
 */
public record AverageLinkage(List<Merge> merges) {
    /**
     * One merge of two clusters.
     *
     * @param first cluster formed first
     * @param second other cluster
     * @param distance mean distance between their members
     * @param size number of members of the merged cluster
     */
    public record Merge(int first, int second, double distance, int size) {}

    public AverageLinkage {
        merges = List.copyOf(merges);
    }

    /**
     * Clusters items.
     *
     * @param distances [item][item], symmetric
     */
    public static AverageLinkage of(double[][] distances) {
        int n = distances.length;
        double[][] between = Arrays.stream(distances).map(double[]::clone).toArray(double[][]::new);
        int[] cluster = new int[n];
        int[] size = new int[n];
        List<Integer> alive = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            cluster[i] = i;
            size[i] = 1;
            alive.add(i);
        }
        List<Merge> merges = new ArrayList<>();
        while (alive.size() > 1) {
            int[] pair = closest(between, alive);
            int kept = pair[0];
            int gone = pair[1];
            int total = size[kept] + size[gone];
            merges.add(new Merge(
                    Math.min(cluster[kept], cluster[gone]),
                    Math.max(cluster[kept], cluster[gone]),
                    between[kept][gone],
                    total));
            for (int other : alive) {
                double mean = (size[kept] * between[kept][other] + size[gone] * between[gone][other]) / total;
                between[kept][other] = mean;
                between[other][kept] = mean;
            }
            size[kept] = total;
            cluster[kept] = n + merges.size() - 1;
            alive.remove((Integer) gone);
        }
        return new AverageLinkage(merges);
    }

    private static int[] closest(double[][] between, List<Integer> alive) {
        int[] best = {alive.get(0), alive.get(1)};
        for (int i = 0; i < alive.size(); i++) {
            for (int j = i + 1; j < alive.size(); j++) {
                int one = alive.get(i);
                int other = alive.get(j);
                if (between[one][other] < between[best[0]][best[1]]) {
                    best = new int[] {one, other};
                }
            }
        }
        return best;
    }

    /** Returns the items in the tree's left-to-right order, so that merged items are adjacent. */
    public List<Integer> order() {
        int n = merges.size() + 1;
        List<Integer> order = new ArrayList<>();
        ArrayDeque<Integer> stack = new ArrayDeque<>(List.of(2 * n - 2));
        while (!stack.isEmpty()) {
            int cluster = stack.pop();
            if (cluster < n) {
                order.add(cluster);
            } else {
                Merge merge = merges.get(cluster - n);
                stack.push(merge.second());
                stack.push(merge.first());
            }
        }
        return order;
    }

    /**
     * Cuts the tree into {@code count} clusters: [item], numbered in the order of {@link #order}.
     *
     * @throws AttentionRangeException if there are fewer items
     */
    public int[] cut(int count) {
        int n = merges.size() + 1;
        if (count < 1 || count > n) {
            throw new AttentionRangeException(n + " heads form 1 to " + n + " clusters, not " + count + ".");
        }
        int[] parent = new int[2 * n - 1];
        Arrays.setAll(parent, i -> i);
        for (int i = 0; i < n - count; i++) {
            parent[merges.get(i).first()] = n + i;
            parent[merges.get(i).second()] = n + i;
        }
        List<Integer> roots = new ArrayList<>();
        int[] clusters = new int[n];
        for (int item : order()) {
            int root = item;
            while (parent[root] != root) {
                root = parent[root];
            }
            if (!roots.contains(root)) {
                roots.add(root);
            }
            clusters[item] = roots.indexOf(root);
        }
        return clusters;
    }
}
