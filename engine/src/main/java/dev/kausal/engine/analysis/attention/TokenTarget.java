package dev.kausal.engine.analysis.attention;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Target keys of a query, as determined by the prompt's tokens: where heads of a known kind attend (Elhage et al. 2021,
 * Olsson et al. 2022, Wang et al. 2023).
 */
public enum TokenTarget {
    /** The previous token. */
    PREVIOUS_TOKEN {
        @Override
        boolean is(int[] ids, int query, int key) {
            return key == query - 1;
        }
    },

    /** Earlier occurrences of the query's token. */
    DUPLICATE_TOKEN {
        @Override
        boolean is(int[] ids, int query, int key) {
            return key < query && ids[key] == ids[query];
        }
    },

    /** Tokens after earlier occurrences of the query's token. */
    INDUCTION {
        @Override
        boolean is(int[] ids, int query, int key) {
            return key > 0 && DUPLICATE_TOKEN.is(ids, query, key - 1);
        }
    };

    abstract boolean is(int[] ids, int query, int key);

    /** Returns the keys that a query should attend to, ascending; none if it has no such key. */
    public int[] keys(int[] ids, int query) {
        return IntStream.rangeClosed(0, query)
                .filter(key -> is(ids, query, key))
                .toArray();
    }

    /** Returns whether some token of the prompt has such a key. */
    public boolean in(int[] ids) {
        return IntStream.range(0, ids.length).anyMatch(query -> keys(ids, query).length > 0);
    }

    /**
     * Returns the attention of each head to the targets of a query together, averaged over the queries that have
     * targets: 1 if a head attends to nothing else. [layer][head]; NaN if no query has one.
     *
     * @param ids tokens of the prompt [position]
     */
    public double[][] score(AttentionPattern pattern, int[] ids) {
        if (ids.length != pattern.length()) {
            throw new AttentionRangeException(
                    "The pattern is of " + pattern.length() + " positions, but " + ids.length + " tokens were given.");
        }
        double[][] scores = new double[pattern.layers().size()][pattern.heads()];
        int queries = 0;
        for (int query = 0; query < ids.length; query++) {
            int[] keys = keys(ids, query);
            queries += keys.length > 0 ? 1 : 0;
            for (int layer = 0; layer < scores.length; layer++) {
                for (int head = 0; head < scores[layer].length; head++) {
                    for (int key : keys) {
                        scores[layer][head] += pattern.weights()[layer][head][query][key];
                    }
                }
            }
        }
        int count = queries;
        return Arrays.stream(scores)
                .map(row -> Arrays.stream(row)
                        .map(sum -> count == 0 ? Double.NaN : sum / count)
                        .toArray())
                .toArray(double[][]::new);
    }
}
