package dev.kausal.engine.model;

import static dev.kausal.engine.model.Transform.UNPERMUTE_TRANSPOSE;

/** Granite 3 (2024): Llama with constants before and after each of its parts. */
final class Granite {
    static final Family FAMILY = LlamaLike.family(
                    "granite", Granite::json, LlamaLike.NORMS, LlamaLike.ATTENTION, LlamaLike.MLP)
            .withGguf(
                    "granite",
                    Granite::gguf,
                    GgufLike.table(GgufLike.NORMS, GgufLike.attention(UNPERMUTE_TRANSPOSE), GgufLike.MLP));

    private Granite() {}

    private static ModelConfig json(ConfigFields f) {
        EndShape ends = ends(f.positive("embedding_multiplier"), f.positive("logits_scaling"));
        BlockShape block = LlamaLike.BLOCK.scaled(f.positive("residual_multiplier"));
        ModelConfig config = LlamaLike.rotating(f, LlamaLike.sizes("granite", f, block, ends));
        return config.with(config.attention().withScale(f.positive("attention_multiplier")));
    }

    private static ModelConfig gguf(ConfigFields f) {
        EndShape ends = ends(f.positive("granite.embedding_scale", 1), f.positive("granite.logit_scale", 1));
        BlockShape block = LlamaLike.BLOCK.scaled(f.positive("granite.residual_scale", 1));
        ModelConfig config = GgufLike.rotating(f, GgufLike.sizes("granite", f, block, Activation.SILU, ends));
        double scale = f.positive("granite.attention.scale", config.attention().scale());
        return config.with(config.attention().withScale(scale));
    }

    private static EndShape ends(double embedding, double dividingLogits) {
        return EndShape.scaled(embedding, 0).withLogitScale(1 / dividingLogits);
    }
}
