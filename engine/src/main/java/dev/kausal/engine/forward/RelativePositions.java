package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.RelativePositionConfig;
import dev.kausal.engine.rows.AttentionGroup;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What scores have added for where query and key stand. */
public interface RelativePositions {
    /** That of a model; empty if it adds nothing. */
    static Optional<RelativePositions> of(ModelConfig config) {
        RelativePositionConfig relative = config.attention().relative();
        if (relative.hasBiases()) {
            return Optional.of(new RelativeTable(config));
        }
        return relative.disentangled()
                .filter(distances -> distances.terms() > 0)
                .map(distances -> new DisentangledScores(config, distances));
    }

    /** The row of the model's table that the score of a query at one position and a key at another reads. */
    int row(AttentionGroup segment, int query, int key);

    /** What one segment's scores of a layer have added [key-value head, variant or 1, group, query, key]. */
    NDArray added(Transformer model, int layer, Scored scored);

    /**
     * What meets in one segment.
     *
     * @param queries times the scale [key-value head, variant, group, query, d_head]
     * @param lent keys of the base run [key-value head, d_head, lent key]; null if there are none
     * @param own keys of each variant [variant * own key, key-value head, d_head]
     * @param rows how they are packed
     * @param segment of the queries
     */
    record Scored(NDArray queries, @Nullable NDArray lent, NDArray own, AttentionBatch rows, AttentionGroup segment) {}
}
