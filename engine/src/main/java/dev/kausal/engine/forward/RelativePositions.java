package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.RelativePositionConfig;
import dev.kausal.engine.rows.AttentionGroup;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The relative-position term of scores. */
public interface RelativePositions {
    /** Returns a model's term; empty if it has none. */
    static Optional<RelativePositions> of(ModelConfig config) {
        RelativePositionConfig relative = config.attention().relative();
        if (relative.hasBiases()) {
            return Optional.of(new RelativeTable(config));
        }
        return relative.disentangled()
                .filter(distances -> distances.terms() > 0)
                .map(distances -> new DisentangledScores(config, distances));
    }

    /** Returns the table row for the score of a query at one position and a key at another. */
    int row(AttentionGroup segment, int query, int key);

    /** Returns the term for one segment's scores in a layer [key-value head, variant or 1, group, query, key]. */
    NDArray added(Transformer model, int layer, Scored scored);

    /**
     * Queries and keys of one segment.
     *
     * @param queries scaled queries [key-value head, variant, group, query, d_head]
     * @param lent keys of the base run [key-value head, d_head, lent key]; null if there are none
     * @param own own keys of each variant [variant * own key, key-value head, d_head]
     * @param rows how they are packed
     * @param segment segment of the queries
     */
    record Scored(NDArray queries, @Nullable NDArray lent, NDArray own, AttentionBatch rows, AttentionGroup segment) {}
}
