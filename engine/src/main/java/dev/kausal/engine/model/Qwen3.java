package dev.kausal.engine.model;

/** Qwen3 (2025): Llama with an RMSNorm of each head's query and key. */
final class Qwen3 {
    static final Family FAMILY = Family.of(
            "qwen3",
            Qwen3::json,
            LlamaLike.table(LlamaLike.NORMS, LlamaLike.ATTENTION, LlamaLike.headNorms(Transform.NONE), LlamaLike.MLP));

    private Qwen3() {}

    private static ModelConfig json(ConfigFields f) {
        Qwen2.refuseWindows(f);
        ModelConfig config = LlamaLike.rotating("qwen3", f);
        return config.with(config.attention().withHeadNorm(AttentionShape.HeadNorm.EACH_HEAD));
    }
}
