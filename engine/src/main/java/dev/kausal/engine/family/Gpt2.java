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
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** GPT-2 (Radford et al. 2019): LayerNorm, learned positions, one MLP branch; Conv1D weights are [input, output]. */
final class Gpt2 {
    private static final BlockConfig BLOCK = new BlockConfig(BlockConfig.Order.PRE, BlockConfig.Norm.LAYER_NORM, false);

    private static final String PREFIX = "transformer.";

    static final Family FAMILY = new Family(
                    "gpt2",
                    Map.of("gpt2", Gpt2::json),
                    Map.of(),
                    config -> huggingFace(config).alsoAs(PREFIX, ""))
            .withGguf("gpt2", Gpt2::gguf, ggufTable());

    private Gpt2() {}

    private static ModelConfig json(ConfigFields f) {
        f.only("scale_attn_weights", "true", true);
        f.only("scale_attn_by_inverse_layer_idx", "false", false);
        f.only("add_cross_attention", "false", false);
        int heads = f.count("n_head");
        int dModel = f.count("n_embd");
        int dHead = f.headWidth(dModel, heads);
        int layers = f.layers("n_layer");
        OutputHeadConfig head = DecoderHead.read(f);
        return new ModelConfig(
                "gpt2",
                layers,
                heads,
                heads,
                dModel,
                dHead,
                f.count("n_inner", 4 * dModel),
                f.count("vocab_size"),
                f.count("n_positions"),
                f.positive("layer_norm_epsilon"),
                f.activation("activation_function"),
                f.ties(head),
                BLOCK,
                AttentionConfig.causal(layers, dHead),
                EmbeddingConfig.positions(0),
                head);
    }

    /** Reads llama.cpp's metadata. It has no activation: llama.cpp computes every GPT-2 with the tanh approximation. */
    private static ModelConfig gguf(ConfigFields f) {
        int heads = f.count("gpt2.attention.head_count");
        int dModel = f.count("gpt2.embedding_length");
        int dHead = f.headWidth(dModel, heads);
        int layers = f.layers("gpt2.block_count");
        f.only("gpt2.attention.head_count_kv", "the number of heads, " + heads, heads);
        return new ModelConfig(
                "gpt2",
                layers,
                heads,
                heads,
                dModel,
                dHead,
                f.count("gpt2.feed_forward_length"),
                f.tokens("gpt2"),
                f.count("gpt2.context_length"),
                f.positive("gpt2.attention.layer_norm_epsilon", 1e-5),
                Activation.GELU_TANH,
                true,
                BLOCK,
                AttentionConfig.causal(layers, dHead),
                EmbeddingConfig.positions(0),
                OutputHeadConfig.NEXT_TOKEN);
    }

    private static Architecture.Table huggingFace(ModelConfig config) {
        String l = PREFIX + "h.{l}.";
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(PREFIX + "wte.weight", Parameter.EMBED, NONE),
                required(PREFIX + "wpe.weight", Parameter.POSITION_EMBED, NONE),
                required(l + "ln_1.weight", Parameter.LN1_GAIN, NONE),
                required(l + "ln_1.bias", Parameter.LN1_BIAS, NONE),
                required(l + "attn.c_attn.weight", Parameter.QKV, NONE),
                required(l + "attn.c_attn.bias", Parameter.QKV_BIAS, NONE),
                required(l + "attn.c_proj.weight", Parameter.OUTPUT, NONE),
                required(l + "attn.c_proj.bias", Parameter.OUTPUT_BIAS, NONE),
                required(l + "ln_2.weight", Parameter.LN2_GAIN, NONE),
                required(l + "ln_2.bias", Parameter.LN2_BIAS, NONE),
                required(l + "mlp.c_fc.weight", Parameter.MLP_IN, NONE),
                required(l + "mlp.c_fc.bias", Parameter.MLP_IN_BIAS, NONE),
                required(l + "mlp.c_proj.weight", Parameter.MLP_OUT, NONE),
                required(l + "mlp.c_proj.bias", Parameter.MLP_OUT_BIAS, NONE),
                required(PREFIX + "ln_f.weight", Parameter.FINAL_GAIN, NONE),
                required(PREFIX + "ln_f.bias", Parameter.FINAL_BIAS, NONE)));
        rules.addAll(DecoderHead.rules(config.head(), "lm_head.weight"));
        return new Architecture.Table(
                Architecture.Table.HUGGING_FACE,
                List.copyOf(rules),
                List.of(Pattern.quote(PREFIX) + "h\\.\\d+\\.attn\\.(bias|masked_bias)"));
    }

    /** Returns llama.cpp's names; its converter transposes Conv1D weights to [output, input]. */
    private static Architecture.Table ggufTable() {
        String l = "blk.{l}.";
        return new Architecture.Table(
                Architecture.Table.GGUF,
                List.of(
                        required("token_embd.weight", Parameter.EMBED, NONE),
                        required("position_embd.weight", Parameter.POSITION_EMBED, NONE),
                        required(l + "attn_norm.weight", Parameter.LN1_GAIN, NONE),
                        required(l + "attn_norm.bias", Parameter.LN1_BIAS, NONE),
                        required(l + "attn_qkv.weight", Parameter.QKV, TRANSPOSE),
                        required(l + "attn_qkv.bias", Parameter.QKV_BIAS, NONE),
                        required(l + "attn_output.weight", Parameter.OUTPUT, TRANSPOSE),
                        required(l + "attn_output.bias", Parameter.OUTPUT_BIAS, NONE),
                        required(l + "ffn_norm.weight", Parameter.LN2_GAIN, NONE),
                        required(l + "ffn_norm.bias", Parameter.LN2_BIAS, NONE),
                        required(l + "ffn_up.weight", Parameter.MLP_IN, TRANSPOSE),
                        required(l + "ffn_up.bias", Parameter.MLP_IN_BIAS, NONE),
                        required(l + "ffn_down.weight", Parameter.MLP_OUT, TRANSPOSE),
                        required(l + "ffn_down.bias", Parameter.MLP_OUT_BIAS, NONE),
                        required("output_norm.weight", Parameter.FINAL_GAIN, NONE),
                        required("output_norm.bias", Parameter.FINAL_BIAS, NONE),
                        optional("output.weight", Parameter.UNEMBED, TRANSPOSE)),
                List.of());
    }
}
