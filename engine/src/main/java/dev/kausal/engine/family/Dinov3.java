package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.FIRST_OF_BATCH;
import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.PATCHES;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigException;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.PatchConfig;
import dev.kausal.engine.config.RotaryConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * DINOv3 (Siméoni et al. 2025), in transformers' naming: no position embeddings, queries and keys of patches rotate by
 * patch coordinates; registers, layer scales, a gated MLP in larger models.
 */
final class Dinov3 {
    static final Family FAMILY = new Family("dinov3", Map.of("dinov3_vit", Dinov3::json), Map.of(), Dinov3::tables);

    private Dinov3() {}

    private static ModelConfig json(ConfigFields f) {
        OutputHeadConfig head = f.head(Map.of(
                "DINOv3ViTModel", OutputHeadConfig.hiddenStates(OutputHeadConfig.NormAt.EVERY_ROW, Optional.empty())));
        boolean gated = f.flag("use_gated_mlp");
        PatchConfig image = VitLike.image(f, PatchConfig.prefix(f.registers("num_register_tokens")), 0, false);
        BlockConfig block = new BlockConfig(BlockConfig.Order.PRE, BlockConfig.Norm.LAYER_NORM, gated);
        ModelConfig sizes = VitLike.sizes("dinov3", f, f.count("intermediate_size"), block, image, head);
        if (sizes.dHead() % 4 != 0) {
            throw new ConfigException(
                    f.where(),
                    "heads of width " + sizes.dHead() + " cannot rotate by rows and columns.",
                    "hidden_size / num_attention_heads must be a multiple of 4.");
        }
        f.decides("query_bias", Parameter.QUERY_BIAS);
        f.decides("key_bias", Parameter.KEY_BIAS);
        f.decides("value_bias", Parameter.VALUE_BIAS);
        f.decides("proj_bias", Parameter.OUTPUT_BIAS);
        f.decides("mlp_bias", Parameter.GATE_BIAS, Parameter.MLP_IN_BIAS, Parameter.MLP_OUT_BIAS);
        return sizes.with(sizes.embedding().withoutPositions())
                .with(sizes.attention().withRotary(RotaryConfig.patches(f.positive("rope_theta"), sizes.dHead())));
    }

    /** Returns tables with the library's module prefix (model) and without it. */
    private static List<Architecture.Table> tables(ModelConfig config) {
        return Stream.of("layer.{l}.", "model.layer.{l}.")
                .map(l -> new Architecture.Table(
                        Architecture.Table.HUGGING_FACE,
                        rules(config, l),
                        List.of("embeddings\\.mask_token", "rope_embeddings\\.inv_freq")))
                .toList();
    }

    private static List<WeightRule> rules(ModelConfig config, String l) {
        List<WeightRule> rules = new ArrayList<>(List.of(
                required("embeddings.cls_token", Parameter.CLASS_TOKEN, FIRST_OF_BATCH),
                required("embeddings.patch_embeddings.weight", Parameter.PATCH_EMBED, PATCHES),
                required("embeddings.patch_embeddings.bias", Parameter.PATCH_EMBED_BIAS, NONE),
                required("norm.weight", Parameter.FINAL_GAIN, NONE),
                required("norm.bias", Parameter.FINAL_BIAS, NONE),
                required(l + "layer_scale1.lambda1", Parameter.ATTENTION_SCALE, NONE),
                required(l + "layer_scale2.lambda1", Parameter.MLP_SCALE, NONE)));
        if (config.embedding().image().orElseThrow().registers() > 0) {
            rules.add(required("embeddings.register_tokens", Parameter.REGISTER_TOKENS, FIRST_OF_BATCH));
        }
        rules.addAll(VitLike.norms(l, "norm1", "norm2"));
        rules.addAll(dense(l + "attention.q_proj", Parameter.QUERY, Parameter.QUERY_BIAS));
        rules.addAll(dense(l + "attention.k_proj", Parameter.KEY, Parameter.KEY_BIAS));
        rules.addAll(dense(l + "attention.v_proj", Parameter.VALUE, Parameter.VALUE_BIAS));
        rules.addAll(dense(l + "attention.o_proj", Parameter.OUTPUT, Parameter.OUTPUT_BIAS));
        if (config.block().gatedMlp()) {
            rules.addAll(dense(l + "mlp.gate_proj", Parameter.GATE, Parameter.GATE_BIAS));
        }
        rules.addAll(dense(l + "mlp.up_proj", Parameter.MLP_IN, Parameter.MLP_IN_BIAS));
        rules.addAll(dense(l + "mlp.down_proj", Parameter.MLP_OUT, Parameter.MLP_OUT_BIAS));
        return rules;
    }

    /** Returns a dense layer whose bias depends on the config. */
    private static List<WeightRule> dense(String name, Parameter weight, Parameter bias) {
        return List.of(required(name + ".weight", weight, TRANSPOSE), optional(name + ".bias", bias, NONE));
    }
}
