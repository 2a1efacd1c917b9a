package dev.kausal.engine.model;

import static dev.kausal.engine.model.Transform.NONE;
import static dev.kausal.engine.model.Transform.TRANSPOSE;
import static dev.kausal.engine.model.WeightRule.required;

import java.util.List;

/** OLMo 2 (2024): norms after attention and MLP only, and one RMSNorm over all heads' queries (or keys). */
final class Olmo2 {
    static final BlockShape BLOCK = new BlockShape(BlockShape.Order.OUTPUT, BlockShape.Norm.RMS_NORM, true);

    static final Family FAMILY = LlamaLike.family(
                    "olmo2", Olmo2::json, norms(), LlamaLike.ATTENTION, LlamaLike.headNorms(NONE), LlamaLike.MLP)
            .withGguf(
                    "olmo2",
                    Olmo2::gguf,
                    GgufLike.table(
                            GgufLike.POST_NORMS, GgufLike.attention(TRANSPOSE), GgufLike.HEAD_NORMS, GgufLike.MLP));

    private Olmo2() {}

    private static ModelConfig json(ConfigFields f) {
        ModelConfig config = LlamaLike.rotating(f, LlamaLike.sizes("olmo2", f, BLOCK, EndShape.PLAIN));
        return config.with(config.attention().withHeadNorm(AttentionShape.HeadNorm.ALL_HEADS));
    }

    private static ModelConfig gguf(ConfigFields f) {
        ModelConfig config = GgufLike.rotating(f, GgufLike.sizes("olmo2", f, BLOCK, Activation.SILU, EndShape.PLAIN));
        return config.with(config.attention().withHeadNorm(AttentionShape.HeadNorm.ALL_HEADS));
    }

    static List<WeightRule> norms() {
        return List.of(
                required(LlamaLike.L + "post_attention_layernorm.weight", Parameter.LN1_POST_GAIN, NONE),
                required(LlamaLike.L + "post_feedforward_layernorm.weight", Parameter.LN2_POST_GAIN, NONE));
    }
}
