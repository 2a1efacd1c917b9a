package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.PLUS_ONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;

/** Shared by Gemma 2 and 3: norms of 1 + weight before and after each branch, scaled embeddings, soft caps, windows. */
final class GemmaLike {
    private static final BlockConfig BLOCK =
            new BlockConfig(BlockConfig.Order.INPUT_AND_OUTPUT, BlockConfig.Norm.RMS_NORM, true);

    private GemmaLike() {}

    static ModelConfig json(String family, ConfigFields f) {
        f.only("use_bidirectional_attention", "false", false);
        EmbeddingConfig embedding = EmbeddingConfig.scaled(Math.sqrt(f.count("hidden_size")));
        ModelConfig sizes =
                LlamaLike.sizes(family, f, BLOCK, embedding).withLogits(1, f.positiveOrNone("final_logit_softcapping"));
        return sizes.with(sizes.attention().withScale(1 / Math.sqrt(f.positive("query_pre_attn_scalar"))));
    }

    /** Reads llama.cpp's metadata; its norm tensors already include the 1. */
    static ModelConfig gguf(String family, ConfigFields f, int everyNth, int layersOfLargest) {
        String a = family + ".";
        EmbeddingConfig embedding = EmbeddingConfig.scaled(Math.sqrt(f.count(a + "embedding_length")));
        ModelConfig sizes = GgufLike.sizes(family, f, BLOCK, Activation.GELU_TANH, embedding)
                .withLogits(1, f.positiveOrNone(a + "final_logit_softcapping"));
        // The scale is not in the metadata: the largest model divides by d_model / heads instead of d_head.
        int width = sizes.layers() == layersOfLargest ? sizes.dModel() / sizes.heads() : sizes.dHead();
        int window = f.count(a + "attention.sliding_window", 4096);
        int pattern = f.count(a + "attention.sliding_window_pattern", everyNth);
        return sizes.with(sizes.attention()
                .withScale(f.positive(a + "attention.scale", 1 / Math.sqrt(width)))
                .withSoftCap(f.positiveOrNone(a + "attn_logit_softcapping"))
                .withWindows(IntStream.range(0, sizes.layers())
                        .map(layer -> (layer + 1) % pattern == 0 ? 0 : window)
                        .boxed()
                        .toList()));
    }

    static Architecture.Table ggufTable(List<WeightRule> more) {
        return GgufLike.table(GgufLike.NORMS, GgufLike.POST_NORMS, GgufLike.attention(TRANSPOSE), GgufLike.MLP, more);
    }

    static List<Architecture.Table> fourNorms(ModelConfig config, List<WeightRule> more) {
        String l = LlamaLike.L;
        return tables(
                config,
                List.of(
                        required(l + "input_layernorm.weight", Parameter.LN1_GAIN, PLUS_ONE),
                        required(l + "post_attention_layernorm.weight", Parameter.LN1_POST_GAIN, PLUS_ONE),
                        required(l + "pre_feedforward_layernorm.weight", Parameter.LN2_GAIN, PLUS_ONE),
                        required(l + "post_feedforward_layernorm.weight", Parameter.LN2_POST_GAIN, PLUS_ONE)),
                more);
    }

    /** Returns Llama's tensors with a final norm of 1 + weight, and {@code parts}. */
    @SafeVarargs
    static List<Architecture.Table> tables(ModelConfig config, Collection<WeightRule>... parts) {
        List<WeightRule> rules = new ArrayList<>(List.of(
                required("model.embed_tokens.weight", Parameter.EMBED, NONE),
                required("model.norm.weight", Parameter.FINAL_GAIN, PLUS_ONE)));
        for (Collection<WeightRule> part : parts) {
            rules.addAll(part);
        }
        rules.addAll(LlamaLike.ATTENTION);
        rules.addAll(LlamaLike.MLP);
        rules.addAll(DecoderHead.rules(config.head(), "lm_head.weight"));
        return new Architecture.Table(Architecture.Table.HUGGING_FACE, rules, List.of()).alsoAs(LlamaLike.PREFIX, "");
    }
}
