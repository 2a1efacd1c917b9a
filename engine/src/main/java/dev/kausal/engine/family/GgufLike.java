package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.GgufRotary;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Shared by llama.cpp's metadata and tensor names of decoders. */
final class GgufLike {
    /** The layer's prefix. */
    static final String L = "blk.{l}.";

    private GgufLike() {}

    /** Reads the sizes of {@code general.architecture}; attention is causal, without rotation or windows yet. */
    static ModelConfig sizes(
            String family, ConfigFields f, BlockConfig block, Activation activation, EmbeddingConfig embedding) {
        String a = f.text("general.architecture").orElseThrow() + ".";
        if (f.has(a + "expert_count")) {
            f.only(a + "expert_count", ConfigReader.ONE_MLP, 0);
        }
        int heads = f.count(a + "attention.head_count");
        int dModel = f.count(a + "embedding_length");
        int layers = f.layers(a + "block_count");
        int dHead =
                f.has(a + "attention.key_length") ? f.count(a + "attention.key_length") : f.headWidth(dModel, heads);
        f.only(a + "attention.value_length", "the key's width, " + dHead, dHead);
        String epsilon = block.norm() == BlockConfig.Norm.RMS_NORM ? "layer_norm_rms_epsilon" : "layer_norm_epsilon";
        return new ModelConfig(
                family,
                layers,
                heads,
                f.count(a + "attention.head_count_kv", heads),
                dModel,
                dHead,
                f.count(a + "feed_forward_length"),
                f.tokens(a.substring(0, a.length() - 1)),
                f.count(a + "context_length"),
                f.positive(a + "attention." + epsilon, 1e-5),
                activation,
                true,
                block,
                AttentionConfig.causal(layers, dHead),
                embedding,
                OutputHeadConfig.NEXT_TOKEN);
    }

    /** Returns a config whose layers all rotate halves of the rotating dimensions. */
    static ModelConfig rotating(ConfigFields f, ModelConfig sizes) {
        GgufRotary rope = new GgufRotary(f);
        return sizes.with(sizes.attention().withRotary(rope.halves(sizes.dHead())))
                .withContext(rope.context(sizes.context()));
    }

    @SafeVarargs
    static Architecture.Table table(Collection<WeightRule>... parts) {
        List<WeightRule> rules = new ArrayList<>(List.of(
                required("token_embd.weight", Parameter.EMBED, NONE),
                required("output_norm.weight", Parameter.FINAL_GAIN, NONE),
                optional("output.weight", Parameter.UNEMBED, TRANSPOSE)));
        for (Collection<WeightRule> part : parts) {
            rules.addAll(part);
        }
        // Factors of the rotary frequencies; ModelSource reads them into the config.
        return new Architecture.Table(
                Architecture.Table.GGUF, rules, List.of("rope_freqs\\.weight", "rope_factors_(long|short)\\.weight"));
    }

    /** Norms before attention and MLP. */
    static final List<WeightRule> NORMS = List.of(
            required(L + "attn_norm.weight", Parameter.LN1_GAIN, NONE),
            required(L + "ffn_norm.weight", Parameter.LN2_GAIN, NONE));

    /** Norms after them. */
    static final List<WeightRule> POST_NORMS = List.of(
            required(L + "post_attention_norm.weight", Parameter.LN1_POST_GAIN, NONE),
            required(L + "post_ffw_norm.weight", Parameter.LN2_POST_GAIN, NONE));

    /** Norms of queries and keys. */
    static final List<WeightRule> HEAD_NORMS = List.of(
            required(L + "attn_q_norm.weight", Parameter.QUERY_NORM_GAIN, NONE),
            required(L + "attn_k_norm.weight", Parameter.KEY_NORM_GAIN, NONE));

    /** Returns separate queries, keys and values; {@code rotating} is the layout of queries and keys. */
    static List<WeightRule> attention(Transform rotating) {
        return List.of(
                required(L + "attn_q.weight", Parameter.QUERY, rotating),
                optional(L + "attn_q.bias", Parameter.QUERY_BIAS, NONE),
                required(L + "attn_k.weight", Parameter.KEY, rotating),
                optional(L + "attn_k.bias", Parameter.KEY_BIAS, NONE),
                required(L + "attn_v.weight", Parameter.VALUE, TRANSPOSE),
                optional(L + "attn_v.bias", Parameter.VALUE_BIAS, NONE),
                required(L + "attn_output.weight", Parameter.OUTPUT, TRANSPOSE));
    }

    static final List<WeightRule> MLP = List.of(
            required(L + "ffn_gate.weight", Parameter.GATE, TRANSPOSE),
            required(L + "ffn_up.weight", Parameter.MLP_IN, TRANSPOSE),
            required(L + "ffn_down.weight", Parameter.MLP_OUT, TRANSPOSE));
}
