package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.FIRST_OF_BATCH;
import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.PATCHES;
import static dev.kausal.engine.family.Transform.ROW;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.PatchConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The image towers of CLIP (Radford et al. 2021) and SigLIP (Zhai et al. 2023), in transformers' naming: alone, or in a
 * file with the text tower, which is ignored. CLIP norms before its first block, norms only the first of its final
 * rows, and projects it, if it has a projection, to the image's embedding; SigLIP pools by attention.
 */
final class TwoTowers {
    static final Family CLIP = new Family(
            "clip",
            Map.of("clip_vision_model", f -> clip(f, f.count("projection_dim")), "clip", TwoTowers::clipPair),
            Map.of(),
            TwoTowers::clipTables);

    static final Family SIGLIP = new Family(
            "siglip",
            Map.of("siglip_vision_model", TwoTowers::siglip, "siglip", TwoTowers::siglipPair),
            Map.of(),
            TwoTowers::siglipTables);

    /** Tensors besides the image tower. */
    private static final List<String> TEXTS =
            List.of("text_model\\..*", "text_projection\\..*", "logit_scale", "logit_bias", ".*position_ids");

    private TwoTowers() {}

    private static ModelConfig clipPair(ConfigFields f) {
        f.unused("text_config", "logit_scale_init_value");
        ConfigFields images = f.inner("vision_config", "clip_vision_model");
        boolean both = f.raw("architectures") instanceof List<?> names && names.contains("CLIPModel");
        return clip(images, (both ? f : images).count("projection_dim"));
    }

    private static ModelConfig siglipPair(ConfigFields f) {
        f.unused("text_config");
        return siglip(f.inner("vision_config", "siglip_vision_model"));
    }

    private static ModelConfig clip(ConfigFields f, int projection) {
        OutputHeadConfig tower =
                OutputHeadConfig.hiddenStates(OutputHeadConfig.NormAt.POOLED_ROW, OutputHeadConfig.Pool.FIRST);
        // The image's embedding, compared with those of texts.
        OutputHeadConfig projected =
                OutputHeadConfig.embedding(OutputHeadConfig.NormAt.POOLED_ROW, OutputHeadConfig.Pool.FIRST, projection);
        f.unused("projection_dim");
        OutputHeadConfig head = f.head(
                Map.of("CLIPVisionModel", tower, "CLIPModel", projected, "CLIPVisionModelWithProjection", projected));
        f.never(Parameter.PATCH_EMBED_BIAS);
        ModelConfig sizes = sizes("clip", f, VitLike.image(f, PatchConfig.prefix(0), 1, false), head);
        return sizes.with(sizes.embedding().withEmbedNorm());
    }

    private static ModelConfig siglip(ConfigFields f) {
        boolean pools = f.flag("vision_use_head");
        OutputHeadConfig tower = pools
                ? OutputHeadConfig.hiddenStates(OutputHeadConfig.NormAt.EVERY_ROW, OutputHeadConfig.Pool.ATTENTION)
                : OutputHeadConfig.hiddenStates(OutputHeadConfig.NormAt.EVERY_ROW, Optional.empty());
        OutputHeadConfig classes = OutputHeadConfig.classes(
                OutputHeadConfig.NormAt.EVERY_ROW, OutputHeadConfig.Pool.PATCH_MEAN, f.classes());
        OutputHeadConfig head = f.head(
                Map.of("SiglipVisionModel", tower, "SiglipModel", tower, "SiglipForImageClassification", classes));
        return sizes("siglip", f, VitLike.image(f, List.of(), 0, false), head);
    }

    private static ModelConfig sizes(String family, ConfigFields f, PatchConfig image, OutputHeadConfig head) {
        ModelConfig sizes = VitLike.sizes(family, f, f.count("intermediate_size"), VitLike.BLOCK, image, head);
        f.always(Parameter.QUERY_BIAS, Parameter.KEY_BIAS, Parameter.VALUE_BIAS);
        return sizes;
    }

    private static List<Architecture.Table> clipTables(ModelConfig config) {
        return tables(config, prefix -> {
            List<WeightRule> rules = body(prefix, Parameter.FINAL_GAIN, Parameter.FINAL_BIAS);
            rules.add(required(prefix + "embeddings.class_embedding", Parameter.CLASS_TOKEN, ROW));
            rules.add(required(prefix + "pre_layrnorm.weight", Parameter.EMBED_NORM_GAIN, NONE));
            rules.add(required(prefix + "pre_layrnorm.bias", Parameter.EMBED_NORM_BIAS, NONE));
            if (config.head().task() == OutputHeadConfig.Task.EMBEDDING) {
                rules.add(required("visual_projection.weight", Parameter.UNEMBED, TRANSPOSE));
            }
            return rules;
        });
    }

    private static List<Architecture.Table> siglipTables(ModelConfig config) {
        return tables(config, prefix -> {
            List<WeightRule> rules = body(prefix, Parameter.FINAL_GAIN, Parameter.FINAL_BIAS);
            rules.add(required(prefix + "embeddings.patch_embedding.bias", Parameter.PATCH_EMBED_BIAS, NONE));
            if (config.head().task() == OutputHeadConfig.Task.CLASSES) {
                rules.addAll(WeightRule.dense("classifier", Parameter.UNEMBED, Parameter.UNEMBED_BIAS));
            }
            if (config.head().pool() == OutputHeadConfig.Pool.ATTENTION) {
                rules.addAll(pool(prefix + "head."));
            }
            return rules;
        });
    }

    /**
     * Returns the tables. Files of the newer library name a lone tower without a prefix; their other tensors belong to
     * texts.
     */
    private static List<Architecture.Table> tables(ModelConfig config, Function<String, List<WeightRule>> rules) {
        List<Architecture.Table> tables = new ArrayList<>();
        for (String prefix : List.of("vision_model.", "")) {
            List<String> ignored = new ArrayList<>(TEXTS);
            if (config.head().task() != OutputHeadConfig.Task.EMBEDDING) {
                ignored.add("visual_projection\\..*");
            }
            if (config.head().pool() != OutputHeadConfig.Pool.ATTENTION) {
                ignored.add("(vision_model\\.)?head\\..*");
            }
            tables.add(new Architecture.Table(Architecture.Table.HUGGING_FACE, rules.apply(prefix), ignored));
        }
        return tables;
    }

    private static List<WeightRule> body(String prefix, Parameter finalGain, Parameter finalBias) {
        String l = prefix + "encoder.layers.{l}.";
        String attn = l + "self_attn.";
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(prefix + "embeddings.patch_embedding.weight", Parameter.PATCH_EMBED, PATCHES),
                required(prefix + "embeddings.position_embedding.weight", Parameter.POSITION_EMBED, NONE),
                required(prefix + "post_layernorm.weight", finalGain, NONE),
                required(prefix + "post_layernorm.bias", finalBias, NONE)));
        rules.addAll(VitLike.norms(l, "layer_norm1", "layer_norm2"));
        rules.addAll(WeightRule.dense(attn + "q_proj", Parameter.QUERY, Parameter.QUERY_BIAS));
        rules.addAll(WeightRule.dense(attn + "k_proj", Parameter.KEY, Parameter.KEY_BIAS));
        rules.addAll(WeightRule.dense(attn + "v_proj", Parameter.VALUE, Parameter.VALUE_BIAS));
        rules.addAll(WeightRule.dense(attn + "out_proj", Parameter.OUTPUT, Parameter.OUTPUT_BIAS));
        rules.addAll(WeightRule.dense(l + "mlp.fc1", Parameter.MLP_IN, Parameter.MLP_IN_BIAS));
        rules.addAll(WeightRule.dense(l + "mlp.fc2", Parameter.MLP_OUT, Parameter.MLP_OUT_BIAS));
        return rules;
    }

    private static List<WeightRule> pool(String at) {
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(at + "probe", Parameter.POOL_PROBE, FIRST_OF_BATCH),
                required(at + "attention.in_proj_weight", Parameter.POOL_QKV, TRANSPOSE),
                required(at + "attention.in_proj_bias", Parameter.POOL_QKV_BIAS, NONE),
                required(at + "layernorm.weight", Parameter.POOL_NORM_GAIN, NONE),
                required(at + "layernorm.bias", Parameter.POOL_NORM_BIAS, NONE)));
        rules.addAll(WeightRule.dense(at + "attention.out_proj", Parameter.POOL_OUTPUT, Parameter.POOL_OUTPUT_BIAS));
        rules.addAll(WeightRule.dense(at + "mlp.fc1", Parameter.POOL_MLP_IN, Parameter.POOL_MLP_IN_BIAS));
        rules.addAll(WeightRule.dense(at + "mlp.fc2", Parameter.POOL_MLP_OUT, Parameter.POOL_MLP_OUT_BIAS));
        return rules;
    }
}
