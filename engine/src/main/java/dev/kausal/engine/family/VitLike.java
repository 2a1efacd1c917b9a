package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.FIRST_OF_BATCH;
import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.PATCHES;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigException;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.PatchConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Shared by the configs and tensor names of Hugging Face's vision transformers. */
final class VitLike {
    /** LayerNorm first, attention over all positions. */
    static final BlockConfig BLOCK = new BlockConfig(BlockConfig.Order.PRE, BlockConfig.Norm.LAYER_NORM, false);

    private VitLike() {}

    /** Reads the patches of {@code image_size} by {@code patch_size}. */
    static PatchConfig image(ConfigFields f, List<String> prefix, int positioned, boolean antialias) {
        int[] size = f.pair("image_size", 224);
        int[] patch = f.pair("patch_size", 16);
        if (size[0] % patch[0] != 0 || size[1] % patch[1] != 0) {
            throw new ConfigException(
                    f.where(),
                    "patches of " + patch[0] + " x " + patch[1] + " do not divide images of " + size[0] + " x "
                            + size[1] + ".",
                    "Correct image_size or patch_size.");
        }
        return new PatchConfig(
                f.count("num_channels", 3), size[0], size[1], patch[0], patch[1], prefix, positioned, antialias);
    }

    static ModelConfig sizes(
            String family, ConfigFields f, int dMlp, BlockConfig block, PatchConfig image, OutputHeadConfig head) {
        int heads = f.count("num_attention_heads");
        int dModel = f.count("hidden_size");
        int dHead = f.has("head_dim") ? f.count("head_dim") : f.headWidth(dModel, heads);
        int layers = f.layers("num_hidden_layers");
        f.decides("qkv_bias", Parameter.QUERY_BIAS, Parameter.KEY_BIAS, Parameter.VALUE_BIAS);
        return new ModelConfig(
                family,
                layers,
                heads,
                heads,
                dModel,
                dHead,
                dMlp,
                0,
                image.prefix().size() + image.patches(),
                f.positive("layer_norm_eps"),
                f.activation("hidden_act"),
                false,
                block,
                AttentionConfig.full(layers, dHead),
                EmbeddingConfig.ofImage(image),
                head);
    }

    /**
     * Returns the tables of a model in its library's naming: with the prefix {@code own} for a model with a head,
     * without it for others; files of either kind are read as the other. The mask token is used only in training.
     */
    static List<Architecture.Table> tables(ModelConfig config, String own, Function<String, List<WeightRule>> rules) {
        boolean headless = config.head().task() == OutputHeadConfig.Task.HIDDEN_STATES;
        return (headless ? Stream.of("", own) : Stream.of(own, ""))
                .map(prefix -> new Architecture.Table(
                        Architecture.Table.HUGGING_FACE,
                        rules.apply(prefix),
                        List.of(Pattern.quote(prefix + "embeddings.mask_token"))))
                .toList();
    }

    /** Returns prefix tokens, patches and positions. */
    static List<WeightRule> embeddings(String prefix) {
        String e = prefix + "embeddings.";
        return new ArrayList<>(List.of(
                required(e + "cls_token", Parameter.CLASS_TOKEN, FIRST_OF_BATCH),
                required(e + "position_embeddings", Parameter.POSITION_EMBED, FIRST_OF_BATCH),
                required(e + "patch_embeddings.projection.weight", Parameter.PATCH_EMBED, PATCHES),
                required(e + "patch_embeddings.projection.bias", Parameter.PATCH_EMBED_BIAS, NONE),
                required(prefix + "layernorm.weight", Parameter.FINAL_GAIN, NONE),
                required(prefix + "layernorm.bias", Parameter.FINAL_BIAS, NONE)));
    }

    static List<WeightRule> attention(String l) {
        return List.of(
                required(l + "attention.attention.query.weight", Parameter.QUERY, TRANSPOSE),
                optional(l + "attention.attention.query.bias", Parameter.QUERY_BIAS, NONE),
                required(l + "attention.attention.key.weight", Parameter.KEY, TRANSPOSE),
                optional(l + "attention.attention.key.bias", Parameter.KEY_BIAS, NONE),
                required(l + "attention.attention.value.weight", Parameter.VALUE, TRANSPOSE),
                optional(l + "attention.attention.value.bias", Parameter.VALUE_BIAS, NONE),
                required(l + "attention.output.dense.weight", Parameter.OUTPUT, TRANSPOSE),
                required(l + "attention.output.dense.bias", Parameter.OUTPUT_BIAS, NONE));
    }

    static List<WeightRule> norms(String l, String first, String second) {
        return List.of(
                required(l + first + ".weight", Parameter.LN1_GAIN, NONE),
                required(l + first + ".bias", Parameter.LN1_BIAS, NONE),
                required(l + second + ".weight", Parameter.LN2_GAIN, NONE),
                required(l + second + ".bias", Parameter.LN2_BIAS, NONE));
    }

    /** Returns the blocks of ViT and DeiT. */
    static List<WeightRule> blocks(String prefix) {
        String l = prefix + "encoder.layer.{l}.";
        List<WeightRule> rules = new ArrayList<>(norms(l, "layernorm_before", "layernorm_after"));
        rules.addAll(attention(l));
        rules.addAll(List.of(
                required(l + "intermediate.dense.weight", Parameter.MLP_IN, TRANSPOSE),
                required(l + "intermediate.dense.bias", Parameter.MLP_IN_BIAS, NONE),
                required(l + "output.dense.weight", Parameter.MLP_OUT, TRANSPOSE),
                required(l + "output.dense.bias", Parameter.MLP_OUT_BIAS, NONE)));
        return rules;
    }

    /** Reads the head of a ViT or DeiT; the first row of a base model passes a pooler if the file has one. */
    static OutputHeadConfig head(ConfigFields f, String baseModel, Map<String, OutputHeadConfig> classes) {
        f.unused("pooler_act", "pooler_output_size");
        Map<String, OutputHeadConfig> all = new TreeMap<>(classes);
        all.put(baseModel, OutputHeadConfig.hiddenStates(OutputHeadConfig.NormAt.EVERY_ROW, Optional.empty()));
        OutputHeadConfig head = f.head(all);
        if (head.task() == OutputHeadConfig.Task.CLASSES) {
            return head;
        }
        int dModel = f.count("hidden_size");
        f.only("pooler_output_size", "hidden_size, " + dModel, dModel);
        return OutputHeadConfig.hiddenStates(
                OutputHeadConfig.NormAt.EVERY_ROW, Optional.of(f.activation("pooler_act")));
    }

    /** Returns a classifier of the first row, a pooler, or neither. */
    static List<WeightRule> head(OutputHeadConfig head, String prefix) {
        if (head.task() == OutputHeadConfig.Task.CLASSES) {
            return WeightRule.dense("classifier", Parameter.UNEMBED, Parameter.UNEMBED_BIAS);
        }
        return head.pooler().isPresent()
                ? WeightRule.dense(prefix + "pooler.dense", Parameter.POOLER, Parameter.POOLER_BIAS)
                : List.of();
    }
}
