package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.rows.KeyValues;
import dev.kausal.engine.rows.PackedHooks;
import dev.kausal.engine.tensor.Fused;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.Tuning;

/**
 * Attention of long prompts where nothing reads its scores or pattern: the library's kernel computes softmax block by
 * block, in memory that does not grow with the square of the length (Dao et al. 2022), also where gradients are recorded.
 */
final class BlockwiseAttention {
    private final ModelConfig config;
    private final PackedHooks packedHooks;
    private final KeyValues memory;
    private final Linearisation rules;
    private final int leastScores;

    BlockwiseAttention(Transformer model, PackedHooks packedHooks, KeyValues memory) {
        this.config = model.config();
        this.packedHooks = packedHooks;
        this.memory = memory;
        this.rules = model.rules();
        this.leastScores = model.device().tuning().blockwiseScores();
    }

    /** Returns whether it computes whole prompts of {@code length} tokens in every layer, if no hook reads their scores. */
    static boolean computesAll(ModelConfig config, Tuning tuning, Linearisation rules, int length) {
        AttentionConfig attention = config.attention();
        return (long) length * length >= tuning.blockwiseScores()
                && attention.softCap() == 0
                && attention.relative().terms() == 0
                && !attention.relative().hasBiases()
                && attention.windows().stream().allMatch(window -> window == 0)
                && rules.plainPatterns();
    }

    /** Returns whether it computes a batch, which is large enough and needs nothing that the kernel does not compute. */
    boolean computes(int layer, AttentionBatch batch) {
        boolean plain = config.attention().softCap() == 0 && batch.distances() == null && !batch.stored();
        boolean even = batch.queryPad() == null && batch.keyPad() == null && batch.sees() != AttentionBatch.Sees.OTHER;
        boolean large = (long) batch.queries() * (batch.lent() + batch.own()) >= leastScores && batch.own() > 0;
        return plain
                && even
                && large
                && (!Recording.on() || (batch.lent() == 0 && rules.plainPatterns()))
                && !packedHooks.waits(HookKind.ATTN_SCORES, layer)
                && !packedHooks.waits(HookKind.PATTERN, layer);
    }

    /**
     * Returns the weighted values z [variant * query, head, d_head].
     *
     * @param q scaled queries [variant * query, head, d_head]
     * @param k own keys [variant * own key, key-value head, d_head]
     * @param v own values [variant * own key, key-value head, d_head]
     * @param base run that provides the other keys
     */
    NDArray mix(int layer, NDArray q, NDArray k, NDArray v, AttentionBatch batch, int base) {
        NDArray queries = q.reshape(batch.variants(), batch.queries(), config.heads(), config.dHead());
        boolean causal = batch.sees() == AttentionBatch.Sees.CAUSAL;
        if (batch.lent() == 0) {
            return Fused.attention(queries, k, v, causal);
        }
        NDArray baseKeys = Slices.of(memory.keys(layer, base), 2, 0, batch.lent());
        NDArray baseValues = Slices.of(memory.values(layer, base), 1, 0, batch.lent());
        return Fused.attention(queries, k, v, baseKeys, baseValues, causal);
    }
}
