package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.FIRST_OF_BATCH;
import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.PATCHES;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.PatchConfig;
import dev.kausal.engine.config.RelativePositionConfig;
import dev.kausal.engine.config.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * BEiT (Bao et al. 2021), in transformers' naming: relative-position bias on scores, per layer or shared, instead of or
 * besides position embeddings; layer scales; most models pool and norm the mean over patches.
 */
final class Beit {
    static final Family FAMILY = new Family("beit", Map.of("beit", Beit::json), Map.of(), Beit::tables);

    /** Tensors in files of older libraries: the table row of each score's bias. */
    private static final String INDEX = ".*relative_position_index";

    private Beit() {}

    private static ModelConfig json(ConfigFields f) {
        PatchConfig image = VitLike.image(f, PatchConfig.prefix(0), 1, false);
        ModelConfig sizes = VitLike.sizes("beit", f, f.count("intermediate_size"), VitLike.BLOCK, image, head(f));
        f.always(Parameter.QUERY_BIAS, Parameter.VALUE_BIAS);
        f.never(Parameter.KEY_BIAS);
        boolean scaled = f.raw("layer_scale_init_value") instanceof Number start && start.doubleValue() > 0;
        f.decides("layer_scale_init_value", scaled, Parameter.ATTENTION_SCALE, Parameter.MLP_SCALE);
        f.decides("use_relative_position_bias", Parameter.RELATIVE_BIAS);
        f.decides("use_shared_relative_position_bias", Parameter.SHARED_RELATIVE_BIAS);
        f.decides("use_absolute_position_embeddings", Parameter.POSITION_EMBED);
        boolean absolute = f.flag("use_absolute_position_embeddings");
        if (absolute && image.rows() != image.columns()) {
            throw new UnsupportedModelException(
                    f.where(),
                    "image_size",
                    f.raw("image_size"),
                    "square images if use_absolute_position_embeddings is true");
        }
        boolean relative = f.flag("use_relative_position_bias") || f.flag("use_shared_relative_position_bias");
        ModelConfig biased = sizes.with(sizes.attention()
                .withRelative(relative ? new RelativePositionConfig.Table() : RelativePositionConfig.NONE));
        return absolute ? biased : biased.with(biased.embedding().withoutPositions());
    }

    private static OutputHeadConfig head(ConfigFields f) {
        boolean mean = f.flag("use_mean_pooling");
        OutputHeadConfig.NormAt norm = mean ? OutputHeadConfig.NormAt.POOLED_ROW : OutputHeadConfig.NormAt.EVERY_ROW;
        OutputHeadConfig.Pool pool = mean ? OutputHeadConfig.Pool.PATCH_MEAN : OutputHeadConfig.Pool.FIRST;
        return f.head(Map.of(
                "BeitForImageClassification",
                OutputHeadConfig.classes(norm, pool, f.classes()),
                "BeitModel",
                mean
                        ? OutputHeadConfig.hiddenStates(norm, pool)
                        : OutputHeadConfig.hiddenStates(norm, Optional.empty())));
    }

    private static List<Architecture.Table> tables(ModelConfig config) {
        return VitLike.tables(config, "beit.", prefix -> rules(config, prefix)).stream()
                .map(table -> table.ignoring(List.of(INDEX)))
                .toList();
    }

    private static List<WeightRule> rules(ModelConfig config, String prefix) {
        String e = prefix + "embeddings.";
        String l = prefix + "encoder.layer.{l}.";
        String table = "relative_position_bias.relative_position_bias_table";
        boolean mean = config.head().norm() == OutputHeadConfig.NormAt.POOLED_ROW;
        String norm = prefix + (mean ? "pooler.layernorm" : "layernorm");
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(e + "cls_token", Parameter.CLASS_TOKEN, FIRST_OF_BATCH),
                optional(e + "position_embeddings", Parameter.POSITION_EMBED, FIRST_OF_BATCH),
                required(e + "patch_embeddings.projection.weight", Parameter.PATCH_EMBED, PATCHES),
                required(e + "patch_embeddings.projection.bias", Parameter.PATCH_EMBED_BIAS, NONE),
                required(norm + ".weight", Parameter.FINAL_GAIN, NONE),
                required(norm + ".bias", Parameter.FINAL_BIAS, NONE),
                optional(l + "lambda_1", Parameter.ATTENTION_SCALE, NONE),
                optional(l + "lambda_2", Parameter.MLP_SCALE, NONE),
                optional(l + "attention.attention." + table, Parameter.RELATIVE_BIAS, NONE),
                optional(prefix + "encoder." + table, Parameter.SHARED_RELATIVE_BIAS, NONE)));
        rules.addAll(VitLike.blocks(prefix));
        if (config.head().task() == OutputHeadConfig.Task.CLASSES) {
            rules.addAll(WeightRule.dense("classifier", Parameter.UNEMBED, Parameter.UNEMBED_BIAS));
        }
        return rules;
    }
}
