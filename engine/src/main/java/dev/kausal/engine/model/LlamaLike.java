package dev.kausal.engine.model;

import static dev.kausal.engine.model.Transform.NONE;
import static dev.kausal.engine.model.Transform.TRANSPOSE;
import static dev.kausal.engine.model.WeightRule.optional;
import static dev.kausal.engine.model.WeightRule.required;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What the configs and tensor names of Llama's many descendants have in common. */
final class LlamaLike {
    /** Ordinary Llama blocks: RMSNorm before, gated MLP. */
    static final BlockShape BLOCK = new BlockShape(BlockShape.Order.PRE, BlockShape.Norm.RMS_NORM, true);

    /** The layer's prefix. */
    static final String L = "model.layers.{l}.";

    private static final List<String> IGNORED = List.of("model\\.layers\\.\\d+\\.self_attn\\.rotary_emb\\.inv_freq");

    private LlamaLike() {}

    /** Sizes and activation; attention is causal, with neither rotation nor windows yet. */
    static ModelConfig sizes(String family, ConfigFields f, BlockShape block, EndShape ends, boolean tied) {
        int heads = f.count("num_attention_heads");
        int dModel = f.count("hidden_size");
        int dHead = f.has("head_dim") ? f.count("head_dim") : f.headWidth(dModel, heads);
        int layers = f.count("num_hidden_layers");
        boolean rms = block.norm() == BlockShape.Norm.RMS_NORM;
        return new ModelConfig(
                family,
                layers,
                heads,
                f.count("num_key_value_heads", heads),
                dModel,
                dHead,
                f.count("intermediate_size"),
                f.count("vocab_size"),
                f.count("max_position_embeddings", 2048),
                rms ? f.positive("rms_norm_eps", 1e-6) : f.positive("layer_norm_eps", 1e-5),
                f.activation(f.has("hidden_activation") ? "hidden_activation" : "hidden_act", "silu"),
                f.flag("tie_word_embeddings", tied),
                block,
                AttentionShape.causal(layers, dHead),
                ends);
    }

    /** Sizes of an ordinary Llama block, whole heads turning in every layer. */
    static ModelConfig rotating(String family, ConfigFields f, String... scaling) {
        ModelConfig sizes = sizes(family, f, BLOCK, EndShape.PLAIN, false);
        return sizes.with(sizes.attention().withRotary(rotary(f, sizes, scaling)));
    }

    /** Whole heads, with no scaling of positions but the {@code supported} kinds. */
    static RotaryShape rotary(ConfigFields f, ModelConfig sizes, String... supported) {
        f.only("partial_rotary_factor", "1", 1);
        f.nested("rope_parameters").only("partial_rotary_factor", "1", 1);
        return new RotaryReader(f).halves(sizes.dHead(), "rope_theta", supported);
    }

    /** Windows from {@code layer_types}; every layer sees all where the field is absent. */
    static List<Integer> windows(ConfigFields f, int layers, int window) {
        return f.perLayer("layer_types", layers).stream()
                .map(type -> type.equals("sliding_attention") ? window : 0)
                .toList();
    }

    @SafeVarargs
    static Architecture.Table table(Collection<WeightRule>... parts) {
        List<WeightRule> rules = new ArrayList<>(ENDS);
        for (Collection<WeightRule> part : parts) {
            rules.addAll(part);
        }
        return new Architecture.Table(Architecture.Table.HUGGING_FACE, rules, IGNORED);
    }

    private static final List<WeightRule> ENDS = List.of(
            required("model.embed_tokens.weight", Parameter.EMBED, NONE),
            required("model.norm.weight", Parameter.FINAL_GAIN, NONE),
            optional("lm_head.weight", Parameter.UNEMBED, TRANSPOSE));

    /** The two norms before attention and MLP. */
    static final List<WeightRule> NORMS = List.of(
            required(L + "input_layernorm.weight", Parameter.LN1_GAIN, NONE),
            required(L + "post_attention_layernorm.weight", Parameter.LN2_GAIN, NONE));

    static final List<WeightRule> OUTPUT = List.of(
            required(L + "self_attn.o_proj.weight", Parameter.OUTPUT, TRANSPOSE),
            optional(L + "self_attn.o_proj.bias", Parameter.OUTPUT_BIAS, NONE));

    /** Queries, keys and values each by itself, and the output. */
    static final List<WeightRule> ATTENTION = List.of(
            required(L + "self_attn.q_proj.weight", Parameter.QUERY, TRANSPOSE),
            optional(L + "self_attn.q_proj.bias", Parameter.QUERY_BIAS, NONE),
            required(L + "self_attn.k_proj.weight", Parameter.KEY, TRANSPOSE),
            optional(L + "self_attn.k_proj.bias", Parameter.KEY_BIAS, NONE),
            required(L + "self_attn.v_proj.weight", Parameter.VALUE, TRANSPOSE),
            optional(L + "self_attn.v_proj.bias", Parameter.VALUE_BIAS, NONE),
            required(L + "self_attn.o_proj.weight", Parameter.OUTPUT, TRANSPOSE),
            optional(L + "self_attn.o_proj.bias", Parameter.OUTPUT_BIAS, NONE));

    /** Norms of queries and keys. */
    static List<WeightRule> headNorms(Transform gain) {
        return List.of(
                required(L + "self_attn.q_norm.weight", Parameter.QUERY_NORM_GAIN, gain),
                required(L + "self_attn.k_norm.weight", Parameter.KEY_NORM_GAIN, gain));
    }

    static final List<WeightRule> MLP = List.of(
            required(L + "mlp.gate_proj.weight", Parameter.GATE, TRANSPOSE),
            optional(L + "mlp.gate_proj.bias", Parameter.GATE_BIAS, NONE),
            required(L + "mlp.up_proj.weight", Parameter.MLP_IN, TRANSPOSE),
            optional(L + "mlp.up_proj.bias", Parameter.MLP_IN_BIAS, NONE),
            required(L + "mlp.down_proj.weight", Parameter.MLP_OUT, TRANSPOSE),
            optional(L + "mlp.down_proj.bias", Parameter.MLP_OUT_BIAS, NONE));
}
