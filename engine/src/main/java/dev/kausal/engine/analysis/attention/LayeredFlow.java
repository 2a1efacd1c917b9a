package dev.kausal.engine.analysis.attention;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Maximum flow (Dinic 1970) through layers of nodes, each connected to every node of the next layer down. Node {@code
 * level * n + position}; level 0 is before the first layer.
 */
final class LayeredFlow {
    /** Flow below this is rounding error. */
    private static final double NOTHING = 1e-12;

    private final int n;
    private final int levels;
    /** Remaining capacity from above to below [layer][above][below]. */
    private final double[][][] down;
    /** Residual capacity from below to above [layer][below][above]. */
    private final double[][][] up;

    private final int[] distance;
    private final int[] next;

    /** Creates a network without flow; {@code pipes}, the capacities [layer][above][below], are copied. */
    LayeredFlow(double[][][] pipes) {
        this.n = pipes[0].length;
        this.levels = pipes.length + 1;
        this.down = new double[pipes.length][n][];
        this.up = new double[pipes.length][n][n];
        for (int layer = 0; layer < pipes.length; layer++) {
            for (int row = 0; row < n; row++) {
                down[layer][row] = pipes[layer][row].clone();
            }
        }
        this.distance = new int[levels * n];
        this.next = new int[levels * n];
    }

    /** Returns the maximum flow from {@code top} on the last level to {@code bottom} on the first. */
    double between(int top, int bottom) {
        int source = (levels - 1) * n + top;
        double total = 0;
        while (reaches(source, bottom)) {
            Arrays.fill(next, 0);
            double pushed = push(source, bottom, Double.POSITIVE_INFINITY);
            while (pushed > NOTHING) {
                total += pushed;
                pushed = push(source, bottom, Double.POSITIVE_INFINITY);
            }
        }
        return total;
    }

    /** Computes distances from the source in the residual network; false if the sink is unreachable. */
    private boolean reaches(int source, int sink) {
        Arrays.fill(distance, -1);
        distance[source] = 0;
        ArrayDeque<Integer> queue = new ArrayDeque<>();
        queue.add(source);
        while (!queue.isEmpty()) {
            int node = queue.remove();
            for (int i = 0; i < 2 * n; i++) {
                int other = neighbour(node, i);
                if (other >= 0 && distance[other] < 0 && room(node, i) > NOTHING) {
                    distance[other] = distance[node] + 1;
                    queue.add(other);
                }
            }
        }
        return distance[sink] >= 0;
    }

    /**
     * Pushes flow along one path of increasing distance, at most {@code most}; depth is bounded by the number of nodes.
     */
    private double push(int node, int sink, double most) {
        if (node == sink) {
            return most;
        }
        for (; next[node] < 2 * n; next[node]++) {
            int i = next[node];
            int other = neighbour(node, i);
            if (other < 0 || distance[other] != distance[node] + 1 || room(node, i) <= NOTHING) {
                continue;
            }
            double pushed = push(other, sink, Math.min(most, room(node, i)));
            if (pushed > NOTHING) {
                move(node, i, pushed);
                return pushed;
            }
        }
        return 0;
    }

    /** Returns a neighbour: 0 to n − 1 are below, n to 2n − 1 above; −1 if there is no such level. */
    private int neighbour(int node, int i) {
        int level = node / n + (i < n ? -1 : 1);
        return level < 0 || level >= levels ? -1 : level * n + i % n;
    }

    private double room(int node, int i) {
        int level = node / n;
        return i < n ? down[level - 1][node % n][i] : up[level][node % n][i - n];
    }

    private void move(int node, int i, double amount) {
        int level = node / n;
        int at = node % n;
        if (i < n) {
            down[level - 1][at][i] -= amount;
            up[level - 1][i][at] += amount;
        } else {
            up[level][at][i - n] -= amount;
            down[level][i - n][at] += amount;
        }
    }
}
