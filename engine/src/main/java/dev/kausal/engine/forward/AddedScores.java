package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.Extent;
import dev.kausal.engine.tensor.Recording;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The relative-position term of one layer's scores, for a whole input. */
public final class AddedScores {
    private AddedScores() {}

    /**
     * Computes the term from queries and keys.
     *
     * @param q [1, position, head, d_head]
     * @param k [1, position, key-value head, d_head]
     * @return [head][query][key]; null if the model adds nothing
     */
    public static float @Nullable [][][] of(
            Transformer model, int layer, Input input, NDArray q, NDArray k, NDManager local) {
        Positions positions = new Positions(model.config());
        Optional<RelativePositions> relative = positions.relative();
        if (relative.isEmpty()) {
            return null;
        }
        AttentionGroup whole = AttentionGroup.whole(0, 1, input.length(), Extent.of(input));
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            AttentionBatch rows = AttentionBatch.of(whole, whole, positions.sight(layer), relative, local);
            NDArray added = relative.get().added(model, layer, scored(model.config(), q, k, rows, whole));
            return nested(added.toFloatArray(), model.config().heads(), input.length());
        }
    }

    private static RelativePositions.Scored scored(
            ModelConfig config, NDArray q, NDArray k, AttentionBatch rows, AttentionGroup whole) {
        NDArray queries = q.mul(Recording.scalar(q, (float) config.attention().scale()))
                .reshape(1, whole.length(), config.keyValueHeads(), config.groupSize(), config.dHead())
                .transpose(2, 0, 3, 1, 4);
        NDArray own = k.reshape(whole.length(), config.keyValueHeads(), config.dHead());
        return new RelativePositions.Scored(queries, null, own, rows, whole);
    }

    private static float[][][] nested(float[] flat, int heads, int length) {
        float[][][] nested = new float[heads][length][length];
        for (int i = 0; i < flat.length; i++) {
            nested[i / (length * length)][i / length % length][i % length] = flat[i];
        }
        return nested;
    }
}
