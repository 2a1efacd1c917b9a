package dev.kausal.engine.model;

import java.util.List;

/** Qwen2 and Qwen2.5 (Yang et al. 2024): Llama with biases on queries, keys and values. */
final class Qwen2 {
    static final Family FAMILY = Family.of(
                    "qwen2",
                    Qwen2::json,
                    LlamaLike.table(LlamaLike.NORMS, LlamaLike.ATTENTION, LlamaLike.MLP),
                    GgufLike.table(GgufLike.NORMS, GgufLike.attention(Transform.TRANSPOSE), GgufLike.MLP))
            .withGguf("qwen2", Qwen2::gguf);

    private Qwen2() {}

    private static ModelConfig json(ConfigFields f) {
        refuseWindows(f);
        return LlamaLike.rotating("qwen2", f);
    }

    private static ModelConfig gguf(ConfigFields f) {
        return GgufLike.rotating(f, GgufLike.sizes("qwen2", f, LlamaLike.BLOCK, Activation.SILU, EndShape.PLAIN));
    }

    /** Qwen's windows begin at a layer that no reference model of ours has. */
    static void refuseWindows(ConfigFields f) {
        f.only("use_sliding_window", "false", false);
        if (f.raw("layer_types") instanceof List<?> types && types.contains("sliding_attention")) {
            throw new UnsupportedModelException(f.where(), "layer_types", types, "full_attention in every layer");
        }
    }
}
