package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.RotaryReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Phi-1, 1.5 and 2 (Li et al. 2023): attention and MLP in parallel behind one LayerNorm; part of each head rotates. */
final class Phi {
    private static final String PREFIX = LlamaLike.PREFIX;
    private static final BlockConfig BLOCK =
            new BlockConfig(BlockConfig.Order.PARALLEL, BlockConfig.Norm.LAYER_NORM, false);

    static final Family FAMILY = new Family("phi", Map.of("phi", Phi::json), Map.of(), Phi::tables);

    private Phi() {}

    private static ModelConfig json(ConfigFields f) {
        f.only("qk_layernorm", "false", false);
        ModelConfig sizes = LlamaLike.sizes("phi", f, BLOCK, EmbeddingConfig.PLAIN);
        f.always(
                Parameter.QUERY_BIAS,
                Parameter.KEY_BIAS,
                Parameter.VALUE_BIAS,
                Parameter.OUTPUT_BIAS,
                Parameter.MLP_IN_BIAS,
                Parameter.MLP_OUT_BIAS);
        RotaryReader rope = new RotaryReader(f);
        return LlamaLike.turning(sizes, rope, rope.dims(sizes.dHead(), "partial_rotary_factor"));
    }

    private static List<Architecture.Table> tables(ModelConfig config) {
        String l = LlamaLike.L;
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(PREFIX + "embed_tokens.weight", Parameter.EMBED, NONE),
                // Attention and MLP share one norm, with separate hook points.
                required(l + "input_layernorm.weight", Parameter.LN1_GAIN, NONE),
                required(l + "input_layernorm.bias", Parameter.LN1_BIAS, NONE),
                required(l + "input_layernorm.weight", Parameter.LN2_GAIN, NONE),
                required(l + "input_layernorm.bias", Parameter.LN2_BIAS, NONE),
                required(l + "self_attn.q_proj.weight", Parameter.QUERY, TRANSPOSE),
                required(l + "self_attn.q_proj.bias", Parameter.QUERY_BIAS, NONE),
                required(l + "self_attn.k_proj.weight", Parameter.KEY, TRANSPOSE),
                required(l + "self_attn.k_proj.bias", Parameter.KEY_BIAS, NONE),
                required(l + "self_attn.v_proj.weight", Parameter.VALUE, TRANSPOSE),
                required(l + "self_attn.v_proj.bias", Parameter.VALUE_BIAS, NONE),
                required(l + "self_attn.dense.weight", Parameter.OUTPUT, TRANSPOSE),
                required(l + "self_attn.dense.bias", Parameter.OUTPUT_BIAS, NONE),
                required(l + "mlp.fc1.weight", Parameter.MLP_IN, TRANSPOSE),
                required(l + "mlp.fc1.bias", Parameter.MLP_IN_BIAS, NONE),
                required(l + "mlp.fc2.weight", Parameter.MLP_OUT, TRANSPOSE),
                required(l + "mlp.fc2.bias", Parameter.MLP_OUT_BIAS, NONE),
                required(PREFIX + "final_layernorm.weight", Parameter.FINAL_GAIN, NONE),
                required(PREFIX + "final_layernorm.bias", Parameter.FINAL_BIAS, NONE)));
        rules.addAll(DecoderHead.rules(config.head(), "lm_head.weight"));
        if (config.head().hasVocabulary()) {
            rules.add(optional("lm_head.bias", Parameter.UNEMBED_BIAS, NONE));
        }
        return new Architecture.Table(Architecture.Table.HUGGING_FACE, rules, List.of()).alsoAs(PREFIX, "");
    }
}
