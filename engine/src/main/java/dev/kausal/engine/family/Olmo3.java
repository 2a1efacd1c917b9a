package dev.kausal.engine.family;

import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.RotaryConfig;
import dev.kausal.engine.config.RotaryReader;

/** OLMo 3 (2025): OLMo 2 with a window in most layers; only layers with full attention have scaled positions. */
final class Olmo3 {
    private static final int INTERVAL = 4;

    static final Family FAMILY = LlamaLike.family(
            "olmo3",
            Olmo3::json,
            Olmo2.norms(),
            LlamaLike.ATTENTION,
            LlamaLike.headNorms(Transform.NONE),
            LlamaLike.MLP);

    private Olmo3() {}

    private static ModelConfig json(ConfigFields f) {
        ModelConfig sizes = LlamaLike.sizes("olmo3", f, Olmo2.BLOCK, EmbeddingConfig.PLAIN);
        RotaryReader full = RotaryReader.scaledPart(f, "full_attention");
        // A rope_theta outside rope_parameters applies to layers with full attention; the library gives the others its
        // default.
        RotaryConfig near = RotaryReader.part(f, "sliding_attention").halves(sizes.dHead(), "");
        return LlamaLike.alternating(f, sizes, INTERVAL, full.halves(sizes.dHead(), "rope_theta"), near)
                .withHeadNorms(AttentionConfig.HeadNorm.ALL_HEADS)
                .withContext(full.context(sizes.context()));
    }
}
