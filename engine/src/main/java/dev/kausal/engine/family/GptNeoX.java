package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.BY_HEAD;
import static dev.kausal.engine.family.Transform.BY_HEAD_TRANSPOSE;
import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.RotaryReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** GPT-NeoX and Pythia (Black et al. 2022): attention and MLP in parallel, part of each head rotating. */
final class GptNeoX {
    private static final String PREFIX = "gpt_neox.";

    static final Family FAMILY = new Family(
                    "gpt_neox",
                    Map.of("gpt_neox", GptNeoX::json),
                    Map.of(),
                    config -> huggingFace(config).alsoAs(PREFIX, ""))
            .withGguf("gptneox", GptNeoX::gguf, ggufTable());

    private GptNeoX() {}

    private static ModelConfig json(ConfigFields f) {
        int heads = f.count("num_attention_heads");
        int dModel = f.count("hidden_size");
        int dHead = f.headWidth(dModel, heads);
        int layers = f.layers("num_hidden_layers");
        BlockConfig.Order order = f.flag("use_parallel_residual") ? BlockConfig.Order.PARALLEL : BlockConfig.Order.PRE;
        RotaryReader rope = new RotaryReader(f);
        OutputHeadConfig head = DecoderHead.read(f);
        f.decides("attention_bias", Parameter.QKV_BIAS, Parameter.OUTPUT_BIAS);
        return new ModelConfig(
                "gpt_neox",
                layers,
                heads,
                heads,
                dModel,
                dHead,
                f.count("intermediate_size"),
                f.count("vocab_size"),
                rope.context(f.count("max_position_embeddings")),
                f.positive("layer_norm_eps"),
                f.activation("hidden_act"),
                f.ties(head),
                new BlockConfig(order, BlockConfig.Norm.LAYER_NORM, false),
                AttentionConfig.causal(layers, dHead)
                        .withRotary(rope.halves(rope.dims(dHead, "rotary_pct"), "rotary_emb_base")),
                EmbeddingConfig.PLAIN,
                head);
    }

    /** Reads llama.cpp's metadata. It has no activation; every published GPT-NeoX uses exact GELU. */
    private static ModelConfig gguf(ConfigFields f) {
        BlockConfig.Order order =
                f.flag("gptneox.use_parallel_residual", true) ? BlockConfig.Order.PARALLEL : BlockConfig.Order.PRE;
        BlockConfig block = new BlockConfig(order, BlockConfig.Norm.LAYER_NORM, false);
        return GgufLike.rotating(f, GgufLike.sizes("gpt_neox", f, block, Activation.GELU, EmbeddingConfig.PLAIN));
    }

    /** Returns llama.cpp's names; its converter puts queries, keys and values one after another. */
    private static Architecture.Table ggufTable() {
        String l = GgufLike.L;
        return GgufLike.table(
                GgufLike.NORMS,
                List.of(
                        required(l + "attn_norm.bias", Parameter.LN1_BIAS, NONE),
                        required(l + "ffn_norm.bias", Parameter.LN2_BIAS, NONE),
                        required(l + "attn_qkv.weight", Parameter.QKV, TRANSPOSE),
                        required(l + "attn_qkv.bias", Parameter.QKV_BIAS, NONE),
                        required(l + "attn_output.weight", Parameter.OUTPUT, TRANSPOSE),
                        required(l + "attn_output.bias", Parameter.OUTPUT_BIAS, NONE),
                        required(l + "ffn_up.weight", Parameter.MLP_IN, TRANSPOSE),
                        required(l + "ffn_up.bias", Parameter.MLP_IN_BIAS, NONE),
                        required(l + "ffn_down.weight", Parameter.MLP_OUT, TRANSPOSE),
                        required(l + "ffn_down.bias", Parameter.MLP_OUT_BIAS, NONE),
                        required("output_norm.bias", Parameter.FINAL_BIAS, NONE)));
    }

    private static Architecture.Table huggingFace(ModelConfig config) {
        String l = PREFIX + "layers.{l}.";
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(PREFIX + "embed_in.weight", Parameter.EMBED, NONE),
                required(l + "input_layernorm.weight", Parameter.LN1_GAIN, NONE),
                required(l + "input_layernorm.bias", Parameter.LN1_BIAS, NONE),
                required(l + "post_attention_layernorm.weight", Parameter.LN2_GAIN, NONE),
                required(l + "post_attention_layernorm.bias", Parameter.LN2_BIAS, NONE),
                required(l + "attention.query_key_value.weight", Parameter.QKV, BY_HEAD_TRANSPOSE),
                optional(l + "attention.query_key_value.bias", Parameter.QKV_BIAS, BY_HEAD),
                required(l + "attention.dense.weight", Parameter.OUTPUT, TRANSPOSE),
                optional(l + "attention.dense.bias", Parameter.OUTPUT_BIAS, NONE),
                required(l + "mlp.dense_h_to_4h.weight", Parameter.MLP_IN, TRANSPOSE),
                required(l + "mlp.dense_h_to_4h.bias", Parameter.MLP_IN_BIAS, NONE),
                required(l + "mlp.dense_4h_to_h.weight", Parameter.MLP_OUT, TRANSPOSE),
                required(l + "mlp.dense_4h_to_h.bias", Parameter.MLP_OUT_BIAS, NONE),
                required(PREFIX + "final_layer_norm.weight", Parameter.FINAL_GAIN, NONE),
                required(PREFIX + "final_layer_norm.bias", Parameter.FINAL_BIAS, NONE)));
        rules.addAll(DecoderHead.rules(config.head(), "embed_out.weight"));
        return new Architecture.Table(
                Architecture.Table.HUGGING_FACE,
                rules,
                List.of(Pattern.quote(PREFIX)
                        + "layers\\.\\d+\\.attention\\.(bias|masked_bias|rotary_emb\\.inv_freq)"));
    }
}
