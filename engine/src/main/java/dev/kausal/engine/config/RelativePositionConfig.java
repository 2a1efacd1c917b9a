package dev.kausal.engine.config;

import java.util.Optional;

/** What scores have added for where query and key stand. */
public sealed interface RelativePositionConfig {
    /** Nothing. */
    RelativePositionConfig NONE = new None();

    /** How many products of queries or keys with distances are added. */
    int terms();

    /** Rows of the table of embeddings of distances; 0 if there is none. */
    int rows();

    /** Whether each layer has a table of biases, one for each distance and head. */
    boolean hasBiases();

    /** Returns this if it has embeddings of distances, which queries or keys may meet. */
    Optional<Disentangled> disentangled();

    /** Nothing. */
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

    /** Each head adds a number from its layer's table, the same for all tokens, as in BEiT (Bao et al. 2021). */
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
     * Products of queries and keys with projected embeddings of distances, as in DeBERTa (He et al. 2020).
     *
     * @param span distances to each side that have an embedding; those beyond share the last
     * @param buckets within half of which distances have an embedding each, and beyond which they share by logarithm;
     *     0 if all have their own
     * @param farthest distance of the last bucket
     * @param keys whether queries meet distances
     * @param queries whether keys meet distances
     * @param shared whether distances pass the projections of queries and keys, or have their own
     * @param normed whether they are normed first
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

        /** Row of the table for a distance, the query's position less the key's. */
        public int row(int distance) {
            return Math.max(0, Math.min(rows() - 1, span + (buckets == 0 ? distance : bucket(distance))));
        }

        /** In float32, as the reference implementation rounds it. */
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
