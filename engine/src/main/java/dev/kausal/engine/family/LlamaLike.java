package dev.kausal.engine.family;

import static dev.kausal.engine.config.Parameter.EMBED;
import static dev.kausal.engine.config.Parameter.FINAL_GAIN;
import static dev.kausal.engine.config.Parameter.GATE;
import static dev.kausal.engine.config.Parameter.GATE_BIAS;
import static dev.kausal.engine.config.Parameter.KEY;
import static dev.kausal.engine.config.Parameter.KEY_BIAS;
import static dev.kausal.engine.config.Parameter.KEY_NORM_GAIN;
import static dev.kausal.engine.config.Parameter.LN1_GAIN;
import static dev.kausal.engine.config.Parameter.LN2_GAIN;
import static dev.kausal.engine.config.Parameter.MLP_IN;
import static dev.kausal.engine.config.Parameter.MLP_IN_BIAS;
import static dev.kausal.engine.config.Parameter.MLP_OUT;
import static dev.kausal.engine.config.Parameter.MLP_OUT_BIAS;
import static dev.kausal.engine.config.Parameter.OUTPUT;
import static dev.kausal.engine.config.Parameter.OUTPUT_BIAS;
import static dev.kausal.engine.config.Parameter.QUERY;
import static dev.kausal.engine.config.Parameter.QUERY_BIAS;
import static dev.kausal.engine.config.Parameter.QUERY_NORM_GAIN;
import static dev.kausal.engine.config.Parameter.VALUE;
import static dev.kausal.engine.config.Parameter.VALUE_BIAS;
import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.RotaryConfig;
import dev.kausal.engine.config.RotaryReader;
import dev.kausal.engine.config.UnsupportedModelException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Shared by the configs and tensor names of Llama's many descendants. */
final class LlamaLike {
    /** Ordinary Llama blocks: RMSNorm first, gated MLP. */
    static final BlockConfig BLOCK = new BlockConfig(BlockConfig.Order.PRE, BlockConfig.Norm.RMS_NORM, true);

    /** The layer's prefix. */
    static final String L = "model.layers.{l}.";

    /** Prefix of every tensor's name outside the head; absent in files of base models. */
    static final String PREFIX = "model.";

    private static final List<String> IGNORED =
            List.of("\\Qmodel.\\E(layers\\.\\d+\\.self_attn\\.)?rotary_emb\\.inv_freq");

    private LlamaLike() {}

    /** Reads sizes and activation; attention is causal, without rotation or windows yet. */
    static ModelConfig sizes(String family, ConfigFields f, BlockConfig block, EmbeddingConfig embedding) {
        int heads = f.count("num_attention_heads");
        int dModel = f.count("hidden_size");
        int dHead = f.has("head_dim") ? f.count("head_dim") : f.headWidth(dModel, heads);
        int layers = f.layers("num_hidden_layers");
        boolean rms = block.norm() == BlockConfig.Norm.RMS_NORM;
        OutputHeadConfig head = DecoderHead.read(f);
        biases(f);
        return new ModelConfig(
                family,
                layers,
                heads,
                f.count("num_key_value_heads", heads),
                dModel,
                dHead,
                f.count("intermediate_size"),
                f.count("vocab_size"),
                f.count("max_position_embeddings"),
                f.positive(rms ? "rms_norm_eps" : "layer_norm_eps"),
                f.activation(f.known("hidden_activation") ? "hidden_activation" : "hidden_act"),
                f.ties(head),
                block,
                AttentionConfig.causal(layers, dHead),
                embedding,
                head);
    }

    /** Records which biases the library's class has; a file with others belongs to another model. */
    private static void biases(ConfigFields f) {
        if (f.known("attention_bias")) {
            f.decides("attention_bias", QUERY_BIAS, KEY_BIAS, VALUE_BIAS, OUTPUT_BIAS);
        } else if (!f.known("use_qkv_bias")) {
            f.never(QUERY_BIAS, KEY_BIAS, VALUE_BIAS, OUTPUT_BIAS);
        } else {
            f.decides("use_qkv_bias", QUERY_BIAS, KEY_BIAS, VALUE_BIAS);
            f.never(OUTPUT_BIAS);
        }
        if (f.known("mlp_bias")) {
            f.decides("mlp_bias", GATE_BIAS, MLP_IN_BIAS, MLP_OUT_BIAS);
        } else {
            f.never(GATE_BIAS, MLP_IN_BIAS, MLP_OUT_BIAS);
        }
    }

    /** Reads an ordinary Llama config: whole heads rotate in every layer. */
    static ModelConfig rotating(String family, ConfigFields f) {
        return rotating(f, sizes(family, f, BLOCK, EmbeddingConfig.PLAIN));
    }

    /** Returns a config in which whole heads rotate in every layer. */
    static ModelConfig rotating(ConfigFields f, ModelConfig sizes) {
        f.only("partial_rotary_factor", "1", 1);
        f.nested("rope_parameters").only("partial_rotary_factor", "1", 1);
        f.nested("rope_scaling").only("partial_rotary_factor", "1", 1);
        return turning(sizes, new RotaryReader(f), sizes.dHead());
    }

    /**
     * Returns a config in which part of each head rotates in every layer, within the context that the rotation
     * supports.
     */
    static ModelConfig turning(ModelConfig sizes, RotaryReader rope, int dims) {
        return sizes.with(sizes.attention().withRotary(rope.halves(dims, "rope_theta")))
                .withContext(rope.context(sizes.context()));
    }

    /**
     * Returns a config in which every n-th layer has full attention and rotates like {@code far}; others have a window
     * and rotate like {@code near}.
     */
    static ModelConfig alternating(
            ConfigFields f, ModelConfig sizes, int everyNth, RotaryConfig far, RotaryConfig near) {
        List<Integer> windows = windows(f, sizes.layers(), everyNth, f.count("sliding_window"));
        return sizes.with(sizes.attention()
                .withWindows(windows)
                .withRotary(
                        windows.stream().map(window -> window == 0 ? far : near).toList()));
    }

    /** Reads windows by layer: every n-th layer has full attention, unless {@code layer_types} differs. */
    static List<Integer> windows(ConfigFields f, int layers, int everyNth, int window) {
        return f.has("layer_types")
                ? windows(f, layers, window)
                : IntStream.range(0, layers)
                        .map(layer -> (layer + 1) % everyNth == 0 ? 0 : window)
                        .boxed()
                        .toList();
    }

    /** Reads windows by layer from {@code layer_types}: {@code window} for windowed layers. */
    static List<Integer> windows(ConfigFields f, int layers, int window) {
        return f.perLayer("layer_types", layers).stream()
                .map(type -> switch (String.valueOf(type)) {
                    case "sliding_attention" -> window;
                    case "full_attention" -> 0;
                    default ->
                        throw new UnsupportedModelException(
                                f.where(), "layer_types", type, "full_attention, sliding_attention");
                })
                .toList();
    }

    /** Creates a family whose model_type is its name, with Llama's names outside the blocks. */
    @SafeVarargs
    static Family family(String name, Function<ConfigFields, ModelConfig> json, Collection<WeightRule>... parts) {
        return new Family(name, Map.of(name, json), Map.of(), config -> tables(config, parts));
    }

    /** Returns the tables of a model and of its base model. */
    @SafeVarargs
    static List<Architecture.Table> tables(ModelConfig config, Collection<WeightRule>... parts) {
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(PREFIX + "embed_tokens.weight", EMBED, NONE),
                required(PREFIX + "norm.weight", FINAL_GAIN, NONE)));
        for (Collection<WeightRule> part : parts) {
            rules.addAll(part);
        }
        rules.addAll(DecoderHead.rules(config.head(), "lm_head.weight"));
        return new Architecture.Table(Architecture.Table.HUGGING_FACE, rules, IGNORED).alsoAs(PREFIX, "");
    }

    /** The two norms before attention and MLP. */
    static final List<WeightRule> NORMS = List.of(
            required(L + "input_layernorm.weight", LN1_GAIN, NONE),
            required(L + "post_attention_layernorm.weight", LN2_GAIN, NONE));

    /** Separate queries, keys and values, and the output. */
    static final List<WeightRule> ATTENTION = List.of(
            required(L + "self_attn.q_proj.weight", QUERY, TRANSPOSE),
            optional(L + "self_attn.q_proj.bias", QUERY_BIAS, NONE),
            required(L + "self_attn.k_proj.weight", KEY, TRANSPOSE),
            optional(L + "self_attn.k_proj.bias", KEY_BIAS, NONE),
            required(L + "self_attn.v_proj.weight", VALUE, TRANSPOSE),
            optional(L + "self_attn.v_proj.bias", VALUE_BIAS, NONE),
            required(L + "self_attn.o_proj.weight", OUTPUT, TRANSPOSE),
            optional(L + "self_attn.o_proj.bias", OUTPUT_BIAS, NONE));

    /** Norms of queries and keys. */
    static List<WeightRule> headNorms(Transform gain) {
        return List.of(
                required(L + "self_attn.q_norm.weight", QUERY_NORM_GAIN, gain),
                required(L + "self_attn.k_norm.weight", KEY_NORM_GAIN, gain));
    }

    static final List<WeightRule> MLP = List.of(
            required(L + "mlp.gate_proj.weight", GATE, TRANSPOSE),
            optional(L + "mlp.gate_proj.bias", GATE_BIAS, NONE),
            required(L + "mlp.up_proj.weight", MLP_IN, TRANSPOSE),
            optional(L + "mlp.up_proj.bias", MLP_IN_BIAS, NONE),
            required(L + "mlp.down_proj.weight", MLP_OUT, TRANSPOSE),
            optional(L + "mlp.down_proj.bias", MLP_OUT_BIAS, NONE));
}
