package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.UNPERMUTE_TRANSPOSE;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;

/** Granite 3 (2024): Llama with constant multipliers on embeddings, branches, scores and logits. */
final class Granite {
    static final Family FAMILY = LlamaLike.family(
                    "granite", Granite::json, LlamaLike.NORMS, LlamaLike.ATTENTION, LlamaLike.MLP)
            .withGguf(
                    "granite",
                    Granite::gguf,
                    GgufLike.table(GgufLike.NORMS, GgufLike.attention(UNPERMUTE_TRANSPOSE), GgufLike.MLP));

    private Granite() {}

    private static ModelConfig json(ConfigFields f) {
        EmbeddingConfig embedding = EmbeddingConfig.scaled(f.positive("embedding_multiplier"));
        BlockConfig block = LlamaLike.BLOCK.scaled(f.positive("residual_multiplier"));
        ModelConfig config = LlamaLike.rotating(f, LlamaLike.sizes("granite", f, block, embedding));
        return config.with(config.attention().withScale(f.positive("attention_multiplier")))
                .withLogits(1 / f.positive("logits_scaling"), 0);
    }

    private static ModelConfig gguf(ConfigFields f) {
        EmbeddingConfig embedding = EmbeddingConfig.scaled(f.positive("granite.embedding_scale", 1));
        BlockConfig block = LlamaLike.BLOCK.scaled(f.positive("granite.residual_scale", 1));
        ModelConfig config = GgufLike.rotating(f, GgufLike.sizes("granite", f, block, Activation.SILU, embedding));
        double scale = f.positive("granite.attention.scale", config.attention().scale());
        return config.with(config.attention().withScale(scale)).withLogits(1 / f.positive("granite.logit_scale", 1), 0);
    }
}
