package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.required;

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

/** OPT (Zhang et al. 2022): GPT-2's order with ReLU; learned positions are offset by two rows. */
final class Opt {
    private static final BlockConfig BLOCK = new BlockConfig(BlockConfig.Order.PRE, BlockConfig.Norm.LAYER_NORM, false);

    private static final String PREFIX = "model.decoder.";

    static final Family FAMILY = new Family(
            "opt",
            Map.of("opt", Opt::json),
            Map.of(),
            config -> huggingFace(config).alsoAs(PREFIX, "decoder."));

    private Opt() {}

    private static ModelConfig json(ConfigFields f) {
        int heads = f.count("num_attention_heads");
        int dModel = f.count("hidden_size");
        f.only("do_layer_norm_before", "true", true);
        f.only("word_embed_proj_dim", "hidden_size, " + dModel, dModel);
        f.only("_remove_final_layer_norm", "false", false);
        f.only("enable_bias", "true", true);
        f.only("layer_norm_elementwise_affine", "true", true);
        int dHead = f.headWidth(dModel, heads);
        int layers = f.layers("num_hidden_layers");
        OutputHeadConfig head = DecoderHead.read(f);
        return new ModelConfig(
                "opt",
                layers,
                heads,
                heads,
                dModel,
                dHead,
                f.count("ffn_dim"),
                f.count("vocab_size"),
                f.count("max_position_embeddings"),
                1e-5, // Not in the config.
                f.activation("activation_function"),
                f.ties(head),
                BLOCK,
                AttentionConfig.causal(layers, dHead),
                EmbeddingConfig.positions(2),
                head);
    }

    private static Architecture.Table huggingFace(ModelConfig config) {
        String l = PREFIX + "layers.{l}.";
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(PREFIX + "embed_tokens.weight", Parameter.EMBED, NONE),
                required(PREFIX + "embed_positions.weight", Parameter.POSITION_EMBED, NONE),
                required(l + "self_attn_layer_norm.weight", Parameter.LN1_GAIN, NONE),
                required(l + "self_attn_layer_norm.bias", Parameter.LN1_BIAS, NONE),
                required(l + "self_attn.q_proj.weight", Parameter.QUERY, TRANSPOSE),
                required(l + "self_attn.q_proj.bias", Parameter.QUERY_BIAS, NONE),
                required(l + "self_attn.k_proj.weight", Parameter.KEY, TRANSPOSE),
                required(l + "self_attn.k_proj.bias", Parameter.KEY_BIAS, NONE),
                required(l + "self_attn.v_proj.weight", Parameter.VALUE, TRANSPOSE),
                required(l + "self_attn.v_proj.bias", Parameter.VALUE_BIAS, NONE),
                required(l + "self_attn.out_proj.weight", Parameter.OUTPUT, TRANSPOSE),
                required(l + "self_attn.out_proj.bias", Parameter.OUTPUT_BIAS, NONE),
                required(l + "final_layer_norm.weight", Parameter.LN2_GAIN, NONE),
                required(l + "final_layer_norm.bias", Parameter.LN2_BIAS, NONE),
                required(l + "fc1.weight", Parameter.MLP_IN, TRANSPOSE),
                required(l + "fc1.bias", Parameter.MLP_IN_BIAS, NONE),
                required(l + "fc2.weight", Parameter.MLP_OUT, TRANSPOSE),
                required(l + "fc2.bias", Parameter.MLP_OUT_BIAS, NONE),
                required(PREFIX + "final_layer_norm.weight", Parameter.FINAL_GAIN, NONE),
                required(PREFIX + "final_layer_norm.bias", Parameter.FINAL_BIAS, NONE)));
        rules.addAll(DecoderHead.rules(config.head(), "lm_head.weight"));
        return new Architecture.Table(Architecture.Table.HUGGING_FACE, rules, List.of());
    }
}
