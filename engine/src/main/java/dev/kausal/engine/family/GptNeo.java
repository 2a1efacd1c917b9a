package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigException;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.UnsupportedModelException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** GPT-Neo (Black et al. 2021), including the TinyStories models: global and local layers, unscaled scores. */
final class GptNeo {
    private static final BlockConfig BLOCK = new BlockConfig(BlockConfig.Order.PRE, BlockConfig.Norm.LAYER_NORM, false);

    private static final String PREFIX = "transformer.";

    static final Family FAMILY = new Family(
            "gpt_neo",
            Map.of("gpt_neo", GptNeo::json),
            Map.of(),
            config -> huggingFace(config).alsoAs(PREFIX, ""));

    private GptNeo() {}

    private static ModelConfig json(ConfigFields f) {
        int heads = f.count("num_heads");
        int dModel = f.count("hidden_size");
        int dHead = f.headWidth(dModel, heads);
        int layers = f.layers("num_layers");
        OutputHeadConfig head = DecoderHead.read(f);
        return new ModelConfig(
                "gpt_neo",
                layers,
                heads,
                heads,
                dModel,
                dHead,
                f.count("intermediate_size", 4 * dModel),
                f.count("vocab_size"),
                f.count("max_position_embeddings"),
                f.positive("layer_norm_epsilon"),
                f.activation("activation_function"),
                f.ties(head),
                BLOCK,
                AttentionConfig.causal(layers, dHead).withScale(1).withWindows(windows(f, layers)),
                EmbeddingConfig.positions(0),
                head);
    }

    private static List<Integer> windows(ConfigFields f, int layers) {
        // The library expands the types to layers, but keeps layers that a config names itself.
        f.unused("attention_types");
        f.refuseNull("attention_layers");
        List<Object> kinds = f.has("attention_layers") ? f.perLayer("attention_layers", layers) : kinds(f, layers);
        if (kinds.size() != layers) {
            throw new ConfigException(
                    f.where(),
                    "attention_types names " + kinds.size() + " of " + layers + " layers.",
                    "Name a kind, global or local, for each layer.");
        }
        int window = f.count("window_size");
        List<Integer> windows = new ArrayList<>();
        for (Object kind : kinds) {
            if (!"local".equals(kind) && !"global".equals(kind)) {
                throw new UnsupportedModelException(f.where(), "attention_layers", kind, "global, local");
            }
            windows.add("local".equals(kind) ? window : 0);
        }
        return windows;
    }

    /** Expands {@code [[["global", "local"], 6]]}: kinds in order, with repetitions. */
    private static List<Object> kinds(ConfigFields f, int layers) {
        List<Object> kinds = new ArrayList<>();
        if (!f.has("attention_types")) {
            return Collections.nCopies(12, List.of("global", "local")).stream()
                    .<Object>flatMap(List::stream)
                    .toList();
        }
        if (f.raw("attention_types") instanceof List<?> groups) {
            for (Object group : groups) {
                if (group instanceof List<?> pair
                        && pair.size() == 2
                        && pair.get(0) instanceof List<?> names
                        && pair.get(1) instanceof Number times) {
                    for (int i = 0; i < times.intValue() && kinds.size() <= layers; i++) {
                        kinds.addAll(names);
                    }
                }
            }
        }
        return kinds;
    }

    private static Architecture.Table huggingFace(ModelConfig config) {
        String l = PREFIX + "h.{l}.";
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(PREFIX + "wte.weight", Parameter.EMBED, NONE),
                required(PREFIX + "wpe.weight", Parameter.POSITION_EMBED, NONE),
                required(l + "ln_1.weight", Parameter.LN1_GAIN, NONE),
                required(l + "ln_1.bias", Parameter.LN1_BIAS, NONE),
                required(l + "attn.attention.q_proj.weight", Parameter.QUERY, TRANSPOSE),
                required(l + "attn.attention.k_proj.weight", Parameter.KEY, TRANSPOSE),
                required(l + "attn.attention.v_proj.weight", Parameter.VALUE, TRANSPOSE),
                required(l + "attn.attention.out_proj.weight", Parameter.OUTPUT, TRANSPOSE),
                required(l + "attn.attention.out_proj.bias", Parameter.OUTPUT_BIAS, NONE),
                required(l + "ln_2.weight", Parameter.LN2_GAIN, NONE),
                required(l + "ln_2.bias", Parameter.LN2_BIAS, NONE),
                required(l + "mlp.c_fc.weight", Parameter.MLP_IN, TRANSPOSE),
                required(l + "mlp.c_fc.bias", Parameter.MLP_IN_BIAS, NONE),
                required(l + "mlp.c_proj.weight", Parameter.MLP_OUT, TRANSPOSE),
                required(l + "mlp.c_proj.bias", Parameter.MLP_OUT_BIAS, NONE),
                required(PREFIX + "ln_f.weight", Parameter.FINAL_GAIN, NONE),
                required(PREFIX + "ln_f.bias", Parameter.FINAL_BIAS, NONE)));
        rules.addAll(DecoderHead.rules(config.head(), "lm_head.weight"));
        return new Architecture.Table(
                Architecture.Table.HUGGING_FACE,
                rules,
                List.of(Pattern.quote(PREFIX) + "h\\.\\d+\\.attn\\.attention\\.(bias|masked_bias)"));
    }
}
