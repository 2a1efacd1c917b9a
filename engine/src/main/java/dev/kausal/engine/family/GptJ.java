package dev.kausal.engine.family;

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
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.RotaryConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** GPT-J (Wang and Komatsuzaki 2021): attention and MLP in parallel behind one norm; neighbouring dimensions rotate. */
final class GptJ {
    private static final BlockConfig BLOCK =
            new BlockConfig(BlockConfig.Order.PARALLEL, BlockConfig.Norm.LAYER_NORM, false);

    private static final String PREFIX = "transformer.";

    static final Family FAMILY = new Family(
            "gptj",
            Map.of("gptj", GptJ::json),
            Map.of(),
            config -> huggingFace(config).alsoAs(PREFIX, ""));

    private GptJ() {}

    private static ModelConfig json(ConfigFields f) {
        int heads = f.count("n_head");
        int dModel = f.count("n_embd");
        int dHead = f.headWidth(dModel, heads);
        int layers = f.layers("n_layer");
        OutputHeadConfig head = DecoderHead.read(f);
        return new ModelConfig(
                "gptj",
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
                AttentionConfig.causal(layers, dHead)
                        .withRotary(RotaryConfig.neighbours(10_000, f.count("rotary_dim", dModel))),
                EmbeddingConfig.PLAIN,
                head);
    }

    private static Architecture.Table huggingFace(ModelConfig config) {
        String l = PREFIX + "h.{l}.";
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(PREFIX + "wte.weight", Parameter.EMBED, NONE),
                // Attention and MLP share one norm, with separate hook points.
                required(l + "ln_1.weight", Parameter.LN1_GAIN, NONE),
                required(l + "ln_1.bias", Parameter.LN1_BIAS, NONE),
                required(l + "ln_1.weight", Parameter.LN2_GAIN, NONE),
                required(l + "ln_1.bias", Parameter.LN2_BIAS, NONE),
                required(l + "attn.q_proj.weight", Parameter.QUERY, TRANSPOSE),
                required(l + "attn.k_proj.weight", Parameter.KEY, TRANSPOSE),
                required(l + "attn.v_proj.weight", Parameter.VALUE, TRANSPOSE),
                required(l + "attn.out_proj.weight", Parameter.OUTPUT, TRANSPOSE),
                required(l + "mlp.fc_in.weight", Parameter.MLP_IN, TRANSPOSE),
                required(l + "mlp.fc_in.bias", Parameter.MLP_IN_BIAS, NONE),
                required(l + "mlp.fc_out.weight", Parameter.MLP_OUT, TRANSPOSE),
                required(l + "mlp.fc_out.bias", Parameter.MLP_OUT_BIAS, NONE),
                required(PREFIX + "ln_f.weight", Parameter.FINAL_GAIN, NONE),
                required(PREFIX + "ln_f.bias", Parameter.FINAL_BIAS, NONE)));
        rules.addAll(DecoderHead.rules(config.head(), "lm_head.weight"));
        if (config.head().hasVocabulary()) {
            rules.add(optional("lm_head.bias", Parameter.UNEMBED_BIAS, NONE));
        }
        return new Architecture.Table(
                Architecture.Table.HUGGING_FACE,
                rules,
                List.of(Pattern.quote(PREFIX) + "h\\.\\d+\\.attn\\.(bias|masked_bias)"));
    }
}
