package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.UNPERMUTE_TRANSPOSE;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;

/** Llama (Touvron et al. 2023), including SmolLM2: RMSNorm, rotary positions, grouped-query attention, gated MLP. */
final class Llama {
    static final Family FAMILY = LlamaLike.family(
                    "llama", Llama::json, LlamaLike.NORMS, LlamaLike.ATTENTION, LlamaLike.MLP)
            .withGguf(
                    "llama",
                    Llama::gguf,
                    GgufLike.table(GgufLike.NORMS, GgufLike.attention(UNPERMUTE_TRANSPOSE), GgufLike.MLP));

    private Llama() {}

    private static ModelConfig json(ConfigFields f) {
        f.only("pretraining_tp", "1", 1);
        return LlamaLike.rotating("llama", f);
    }

    private static ModelConfig gguf(ConfigFields f) {
        return GgufLike.rotating(
                f, GgufLike.sizes("llama", f, LlamaLike.BLOCK, Activation.SILU, EmbeddingConfig.PLAIN));
    }
}
