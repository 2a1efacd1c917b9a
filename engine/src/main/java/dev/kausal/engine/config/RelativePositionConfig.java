package dev.kausal.engine.config;

import java.util.Optional;

/** Relative-position term added to scores. */
public sealed interface RelativePositionConfig {
    /** No term. */
    RelativePositionConfig NONE = new None();

    /** Returns the number of products with distance embeddings that are added. */
    int terms();

    /** Returns the number of rows of the table of distance embeddings; 0 if there is none. */
    int rows();

    /** Returns whether each layer has a table of biases, one per distance and head. */
    boolean hasBiases();

    /** Returns this config if it has distance embeddings; empty otherwise. */
    Optional<Disentangled> disentangled();

    /** No term. */
    record None() implements RelativePositionConfig {
        @Override
        public int terms() {
            return 0;
        }

        @Override
        public int rows() {
            return 0;
        }

        @Override
        public boolean hasBiases() {
            return false;
        }

        @Override
        public Optional<Disentangled> disentangled() {
            return Optional.empty();
        }
    }

    /** A bias per distance and head from the layer's table, independent of the tokens, as in BEiT (Bao et al. 2021). */
    record Table() implements RelativePositionConfig {
        @Override
        public int terms() {
            return 0;
        }

        @Override
        public int rows() {
            return 0;
        }

        @Override
        public boolean hasBiases() {
            return true;
        }

        @Override
        public Optional<Disentangled> disentangled() {
            return Optional.empty();
        }
    }

    /**
     * Products of queries and keys with projected distance embeddings, as in DeBERTa (He et al. 2020).
     *
     * @param span number of distances in each direction with an embedding; larger ones share the last
     * @param buckets distances within half of this have their own embedding, larger ones share logarithmically; 0 if
     *     all have their own
     * @param farthest distance of the last bucket
     * @param keys whether queries are multiplied with distances
     * @param queries whether keys are multiplied with distances
     * @param shared whether distances use the projections of queries and keys rather than their own
     * @param normed whether distance embeddings are normed first
     */
    record Disentangled(
            int span, int buckets, int farthest, boolean keys, boolean queries, boolean shared, boolean normed)
            implements RelativePositionConfig {
        @Override
        public int terms() {
            return (keys ? 1 : 0) + (queries ? 1 : 0);
        }

        @Override
        public int rows() {
            return 2 * span;
        }

        @Override
        public boolean hasBiases() {
            return false;
        }

        @Override
        public Optional<Disentangled> disentangled() {
            return Optional.of(this);
        }

        /** Returns the table row of a distance, query position minus key position. */
        public int row(int distance) {
            return Math.max(0, Math.min(rows() - 1, span + (buckets == 0 ? distance : bucket(distance))));
        }

        /** Buckets a distance in float32, with the reference implementation's rounding. */
        private int bucket(int distance) {
            int half = buckets / 2;
            int size = Math.abs(distance);
            if (size <= half) {
                return distance;
            }
            float of = (float) Math.log((float) size / half) / (float) Math.log((float) ((farthest - 1.0) / half));
            return Integer.signum(distance) * ((int) Math.ceil(of * (half - 1)) + half);
        }
    }
}
