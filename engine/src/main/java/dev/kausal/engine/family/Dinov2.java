package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.FIRST_OF_BATCH;
import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.PatchConfig;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** DINOv2 (Oquab et al. 2023), with and without registers: ViT with layer scales, in transformers' naming. */
final class Dinov2 {
    static final Family FAMILY = new Family(
            "dinov2",
            Map.of(
                    "dinov2",
                    f -> json(f, 0),
                    "dinov2_with_registers",
                    f -> json(f, f.registers("num_register_tokens"))),
            Map.of(),
            Dinov2::tables);

    private Dinov2() {}

    private static ModelConfig json(ConfigFields f, int registers) {
        f.only("apply_layernorm", "true", true);
        OutputHeadConfig classes = OutputHeadConfig.classes(
                OutputHeadConfig.NormAt.EVERY_ROW, OutputHeadConfig.Pool.FIRST_AND_PATCH_MEAN, f.classes());
        OutputHeadConfig none = OutputHeadConfig.hiddenStates(OutputHeadConfig.NormAt.EVERY_ROW, Optional.empty());
        OutputHeadConfig head = f.head(Map.of(
                "Dinov2ForImageClassification", classes,
                "Dinov2WithRegistersForImageClassification", classes,
                "Dinov2Model", none,
                "Dinov2WithRegistersModel", none));
        boolean gated = f.flag("use_swiglu_ffn");
        int branch = (int) (f.count("hidden_size") * f.positive("mlp_ratio"));
        // A gated MLP has two thirds of the neurons, rounded up to a multiple of 8.
        int dMlp = gated ? (branch * 2 / 3 + 7) / 8 * 8 : branch;
        boolean withRegisters = registers > 0;
        PatchConfig image = VitLike.image(f, PatchConfig.prefix(registers), 1, withRegisters);
        BlockConfig block = new BlockConfig(BlockConfig.Order.PRE, BlockConfig.Norm.LAYER_NORM, gated);
        ModelConfig sizes = VitLike.sizes("dinov2", f, dMlp, block, image, head);
        return gated ? sizes.with(Activation.SILU) : sizes;
    }

    private static List<Architecture.Table> tables(ModelConfig config) {
        boolean registers = config.embedding().image().orElseThrow().registers() > 0;
        String own = registers ? "dinov2_with_registers." : "dinov2.";
        return VitLike.tables(config, own, prefix -> rules(config, prefix, registers));
    }

    private static List<WeightRule> rules(ModelConfig config, String prefix, boolean registers) {
        List<WeightRule> rules = VitLike.embeddings(prefix);
        if (registers) {
            rules.add(required(prefix + "embeddings.register_tokens", Parameter.REGISTER_TOKENS, FIRST_OF_BATCH));
        }
        String l = prefix + "encoder.layer.{l}.";
        rules.addAll(VitLike.norms(l, "norm1", "norm2"));
        rules.addAll(VitLike.attention(l));
        rules.add(required(l + "layer_scale1.lambda1", Parameter.ATTENTION_SCALE, NONE));
        rules.add(required(l + "layer_scale2.lambda1", Parameter.MLP_SCALE, NONE));
        rules.addAll(config.block().gatedMlp() ? gated(l + "mlp.") : plain(l + "mlp."));
        if (config.head().task() == OutputHeadConfig.Task.CLASSES) {
            rules.addAll(WeightRule.dense("classifier", Parameter.UNEMBED, Parameter.UNEMBED_BIAS));
        }
        return rules;
    }

    private static List<WeightRule> plain(String mlp) {
        return List.of(
                required(mlp + "fc1.weight", Parameter.MLP_IN, TRANSPOSE),
                required(mlp + "fc1.bias", Parameter.MLP_IN_BIAS, NONE),
                required(mlp + "fc2.weight", Parameter.MLP_OUT, TRANSPOSE),
                required(mlp + "fc2.bias", Parameter.MLP_OUT_BIAS, NONE));
    }

    private static List<WeightRule> gated(String mlp) {
        return List.of(
                required(mlp + "weights_in.weight", Parameter.GATE_AND_IN, TRANSPOSE),
                required(mlp + "weights_in.bias", Parameter.GATE_AND_IN_BIAS, NONE),
                required(mlp + "weights_out.weight", Parameter.MLP_OUT, TRANSPOSE),
                required(mlp + "weights_out.bias", Parameter.MLP_OUT_BIAS, NONE));
    }
}
