package dev.kausal.engine.family;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;

/** Qwen3 (2025): Llama with an RMSNorm of each head's query and key. */
final class Qwen3 {
    static final Family FAMILY = LlamaLike.family(
                    "qwen3",
                    Qwen3::json,
                    LlamaLike.NORMS,
                    LlamaLike.ATTENTION,
                    LlamaLike.headNorms(Transform.NONE),
                    LlamaLike.MLP)
            .withGguf(
                    "qwen3",
                    Qwen3::gguf,
                    GgufLike.table(
                            GgufLike.NORMS,
                            GgufLike.attention(Transform.TRANSPOSE),
                            GgufLike.HEAD_NORMS,
                            GgufLike.MLP));

    private Qwen3() {}

    private static ModelConfig json(ConfigFields f) {
        ModelConfig config = Qwen2.windowed(f, LlamaLike.rotating("qwen3", f));
        return config.with(config.attention().withHeadNorm(AttentionConfig.HeadNorm.EACH_HEAD));
    }

    private static ModelConfig gguf(ConfigFields f) {
        ModelConfig config = GgufLike.rotating(
                f, GgufLike.sizes("qwen3", f, LlamaLike.BLOCK, Activation.SILU, EmbeddingConfig.PLAIN));
        return config.with(config.attention().withHeadNorm(AttentionConfig.HeadNorm.EACH_HEAD));
    }
}
