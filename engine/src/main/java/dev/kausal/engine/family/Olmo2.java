package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import java.util.List;

/** OLMo 2 (2024): norms only after attention and MLP, and one RMSNorm over all heads' queries (or keys). */
final class Olmo2 {
    static final BlockConfig BLOCK = new BlockConfig(BlockConfig.Order.OUTPUT, BlockConfig.Norm.RMS_NORM, true);

    static final Family FAMILY = LlamaLike.family(
                    "olmo2", Olmo2::json, norms(), LlamaLike.ATTENTION, LlamaLike.headNorms(NONE), LlamaLike.MLP)
            .withGguf(
                    "olmo2",
                    Olmo2::gguf,
                    GgufLike.table(
                            GgufLike.POST_NORMS, GgufLike.attention(TRANSPOSE), GgufLike.HEAD_NORMS, GgufLike.MLP));

    private Olmo2() {}

    private static ModelConfig json(ConfigFields f) {
        ModelConfig config = LlamaLike.rotating(f, LlamaLike.sizes("olmo2", f, BLOCK, EmbeddingConfig.PLAIN));
        return config.with(config.attention().withHeadNorm(AttentionConfig.HeadNorm.ALL_HEADS));
    }

    private static ModelConfig gguf(ConfigFields f) {
        ModelConfig config =
                GgufLike.rotating(f, GgufLike.sizes("olmo2", f, BLOCK, Activation.SILU, EmbeddingConfig.PLAIN));
        return config.with(config.attention().withHeadNorm(AttentionConfig.HeadNorm.ALL_HEADS));
    }

    static List<WeightRule> norms() {
        return List.of(
                required(LlamaLike.L + "post_attention_layernorm.weight", Parameter.LN1_POST_GAIN, NONE),
                required(LlamaLike.L + "post_feedforward_layernorm.weight", Parameter.LN2_POST_GAIN, NONE));
    }
}
