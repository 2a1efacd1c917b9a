package dev.kausal.engine.family;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.PatchConfig;
import dev.kausal.engine.config.TimmModels;
import dev.kausal.engine.config.UnsupportedModelException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Vision transformers in timm's naming, whose config names an architecture and its deviations: ViT and DeiT with later
 * changes (pre-norm, registers, gated MLPs, attention pooling).
 */
public final class TimmVit {
    static final Family FAMILY = new Family("timm_vit", Map.of("timm", TimmVit::json), Map.of(), TimmTensors::tables)
            .withPreprocessingInConfig();

    private static final Map<String, Activation> ACTIVATIONS = Map.of(
            "gelu", Activation.GELU,
            "gelu_tanh", Activation.GELU_TANH,
            "quick_gelu", Activation.QUICK_GELU,
            "silu", Activation.SILU,
            "swish", Activation.SILU,
            "relu", Activation.RELU);

    private TimmVit() {}

    private static ModelConfig json(ConfigFields f) {
        ConfigFields args = TimmModels.arguments(f);
        refuse(args);
        boolean distilled = args.flag("distilled");
        int dModel = args.count("embed_dim");
        int heads = args.count("num_heads");
        int layers = args.layers("depth");
        int dHead = f.headWidth(dModel, heads);
        PatchConfig image = image(args, distilled);
        AttentionConfig attention = AttentionConfig.full(layers, dHead)
                .withHeadNorm(
                        args.flag("qk_norm") ? AttentionConfig.HeadNorm.EACH_HEAD : AttentionConfig.HeadNorm.NONE);
        MlpLayer mlp = MlpLayer.of(args);
        Norm norm = Norm.of(args);
        OutputHeadConfig head = head(f, args, distilled);
        if (mlp.gated() && head.pool() == OutputHeadConfig.Pool.ATTENTION) {
            throw new UnsupportedModelException(
                    args.where(), "mlp_layer", args.raw("mlp_layer"), "Mlp with attention pooling");
        }
        EmbeddingConfig embedding = EmbeddingConfig.ofImage(image);
        optional(f, args);
        return new ModelConfig(
                "timm_vit",
                layers,
                heads,
                heads,
                dModel,
                dHead,
                mlp.neurons((int) (dModel * args.positive("mlp_ratio"))),
                0,
                image.prefix().size() + image.patches(),
                norm.epsilon(),
                activation(args),
                false,
                new BlockConfig(BlockConfig.Order.PRE, norm.kind(), mlp.gated()),
                attention,
                args.flag("pre_norm") ? embedding.withEmbedNorm() : embedding,
                head);
    }

    /** Refuses arguments that change the model in unsupported ways. */
    private static void refuse(ConfigFields args) {
        args.only("attn_layer", "Attention", "Attention", "attn", "");
        args.only("block_fn", "Block", "Block");
        args.only("dynamic_img_pad", "false", false);
        args.only("embed_layer", "PatchEmbed", "PatchEmbed");
        args.only("embed_norm_layer", "none", "");
        args.only("pool_include_prefix", "false", false);
        args.only("pos_embed", "learn", "learn");
        args.only("scale_attn_norm", "false", false);
        args.only("scale_mlp_norm", "false", false);
    }

    /** Records which optional tensors the model has according to the arguments. */
    private static void optional(ConfigFields f, ConfigFields args) {
        f.decides("qkv_bias", args.flag("qkv_bias"), Parameter.QKV_BIAS);
        boolean projected = args.flag("proj_bias");
        f.decides("proj_bias", projected, Parameter.OUTPUT_BIAS, Parameter.MLP_IN_BIAS, Parameter.MLP_OUT_BIAS);
        f.decides("proj_bias", projected, Parameter.GATE_BIAS, Parameter.GATE_AND_IN_BIAS);
        boolean scaled = args.raw("init_values") instanceof Number start && start.doubleValue() != 0;
        f.decides("init_values", scaled, Parameter.ATTENTION_SCALE, Parameter.MLP_SCALE);
    }

    private static Activation activation(ConfigFields args) {
        String name = args.text("act_layer").orElse("gelu");
        Activation found = ACTIVATIONS.get(name.toLowerCase(Locale.ROOT));
        if (found == null) {
            throw new UnsupportedModelException(
                    args.where(), "act_layer", name, String.join(", ", new java.util.TreeSet<>(ACTIVATIONS.keySet())));
        }
        return found;
    }

    /** A norm given by name, or by name and arguments. */
    private record Norm(BlockConfig.Norm kind, double epsilon) {
        private static final double EPSILON = 1e-6;

        static Norm of(ConfigFields args) {
            ConfigFields given = args.nested("norm_layer");
            String name = given.text("layer")
                    .or(() -> args.text("norm_layer"))
                    .orElse("layernorm")
                    .replace("_", "")
                    .toLowerCase(Locale.ROOT);
            double epsilon = given.positive("eps", EPSILON);
            return switch (name) {
                case "layernorm" -> new Norm(BlockConfig.Norm.LAYER_NORM, epsilon);
                case "rmsnorm" -> new Norm(BlockConfig.Norm.RMS_NORM, epsilon);
                default -> throw new UnsupportedModelException(args.where(), "norm_layer", name, "layernorm, rmsnorm");
            };
        }
    }

    /** Layout of an MLP: one branch; gate and ungated branch as one matrix; or as two. */
    private enum MlpLayer {
        PLAIN,
        GATED_IN_ONE,
        GATED;

        static MlpLayer of(ConfigFields args) {
            ConfigFields given = args.nested("mlp_layer");
            String name = given.text("layer").or(() -> args.text("mlp_layer")).orElse("Mlp");
            if (name.equals("GluMlp") && given.has("gate_last") && !given.flag("gate_last")) {
                return GATED_IN_ONE;
            }
            return switch (name) {
                case "Mlp" -> PLAIN;
                case "SwiGLU" -> GATED;
                default ->
                    throw new UnsupportedModelException(args.where(), "mlp_layer", name, "Mlp, SwiGLU, SwiGLUPacked");
            };
        }

        boolean gated() {
            return this != PLAIN;
        }

        int neurons(int width) {
            return this == GATED_IN_ONE ? width / 2 : width;
        }
    }

    private static PatchConfig image(ConfigFields args, boolean distilled) {
        List<String> prefix = new ArrayList<>();
        if (args.flag("class_token")) {
            prefix.add(PatchConfig.CLS);
        }
        if (distilled) {
            args.only("reg_tokens", "0", 0);
            prefix.add(PatchConfig.DIST);
        }
        prefix.addAll(Collections.nCopies(args.registers("reg_tokens"), PatchConfig.REGISTER));
        int positioned = args.flag("no_embed_class") ? 0 : prefix.size();
        int[] size = args.pair("img_size", 224);
        int[] patch = args.pair("patch_size", 16);
        return new PatchConfig(args.count("in_chans"), size[0], size[1], patch[0], patch[1], prefix, positioned, true);
    }

    /** Reads the head like timm: the config's own global_pool describes the model but does not determine it. */
    private static OutputHeadConfig head(ConfigFields f, ConfigFields args, boolean distilled) {
        args.only("global_pool", "token, avg, map", "token", "avg", "map");
        String pool = args.text("global_pool").orElse("token");
        if (f.has("global_pool") && !f.text("global_pool").orElse("").equals(pool)) {
            throw new UnsupportedModelException(
                    f.where(),
                    "global_pool",
                    f.raw("global_pool"),
                    pool + ", as in model_args and architecture, from which timm reads it");
        }
        boolean pooledRow = args.has("fc_norm") ? args.flag("fc_norm") : pool.equals("avg");
        OutputHeadConfig.NormAt norm = !args.flag("final_norm")
                ? OutputHeadConfig.NormAt.NONE
                : pooledRow ? OutputHeadConfig.NormAt.POOLED_ROW : OutputHeadConfig.NormAt.EVERY_ROW;
        OutputHeadConfig.Pool rows = switch (pool) {
            case "avg" -> OutputHeadConfig.Pool.PATCH_MEAN;
            case "map" -> OutputHeadConfig.Pool.ATTENTION;
            default -> distilled ? OutputHeadConfig.Pool.FIRST_TWO : OutputHeadConfig.Pool.FIRST;
        };
        int classes = args.whole("num_classes", 0);
        if (classes > 0) {
            return OutputHeadConfig.classes(norm, rows, classes);
        }
        boolean plain = norm == OutputHeadConfig.NormAt.EVERY_ROW && !pool.equals("map") && !pool.equals("avg");
        return OutputHeadConfig.hiddenStates(norm, plain ? OutputHeadConfig.Pool.EVERY_ROW : rows);
    }
}
