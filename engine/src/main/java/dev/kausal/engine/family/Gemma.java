package dev.kausal.engine.family;

import static dev.kausal.engine.config.Parameter.LN1_GAIN;
import static dev.kausal.engine.config.Parameter.LN2_GAIN;
import static dev.kausal.engine.family.Transform.PLUS_ONE;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import java.util.List;
import java.util.Map;

/** Gemma (2024): Llama's block with norms of 1 + weight, scaled embeddings and GELU's tanh approximation. */
final class Gemma {
    static final Family FAMILY = new Family(
                    "gemma", Map.of("gemma", Gemma::json), Map.of(), config -> GemmaLike.tables(config, norms()))
            .withGguf(
                    "gemma",
                    Gemma::gguf,
                    GgufLike.table(GgufLike.NORMS, GgufLike.attention(Transform.TRANSPOSE), GgufLike.MLP));

    private Gemma() {}

    private static ModelConfig json(ConfigFields f) {
        f.only("use_bidirectional_attention", "false", false);
        EmbeddingConfig embedding = EmbeddingConfig.scaled(Math.sqrt(f.count("hidden_size")));
        ModelConfig config = LlamaLike.rotating(f, LlamaLike.sizes("gemma", f, LlamaLike.BLOCK, embedding));
        // The first releases say gelu but use its approximation; the library corrects it.
        return f.text("hidden_act").orElse("").equals("gelu") ? config.with(Activation.GELU_TANH) : config;
    }

    private static ModelConfig gguf(ConfigFields f) {
        EmbeddingConfig embedding = EmbeddingConfig.scaled(Math.sqrt(f.count("gemma.embedding_length")));
        return GgufLike.rotating(f, GgufLike.sizes("gemma", f, LlamaLike.BLOCK, Activation.GELU_TANH, embedding));
    }

    private static List<WeightRule> norms() {
        return List.of(
                required(LlamaLike.L + "input_layernorm.weight", LN1_GAIN, PLUS_ONE),
                required(LlamaLike.L + "post_attention_layernorm.weight", LN2_GAIN, PLUS_ONE));
    }
}
