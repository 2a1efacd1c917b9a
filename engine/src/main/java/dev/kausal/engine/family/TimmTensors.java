package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.FIRST_OF_BATCH;
import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.PATCHES;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.PatchConfig;
import java.util.ArrayList;
import java.util.List;

/** timm's tensor names of its vision transformers. */
final class TimmTensors {
    private TimmTensors() {}

    static List<Architecture.Table> tables(ModelConfig config) {
        if (!config.block().gatedMlp()) {
            return List.of(table(config, plain("blocks.{l}.mlp.")));
        }
        return List.of(table(config, gatedInOne("blocks.{l}.mlp.")), table(config, gated("blocks.{l}.mlp.")));
    }

    private static Architecture.Table table(ModelConfig config, List<WeightRule> mlp) {
        List<WeightRule> rules = new ArrayList<>(embeddings(config));
        boolean bias = config.block().norm() == BlockConfig.Norm.LAYER_NORM;
        rules.addAll(block("blocks.{l}.", bias));
        rules.addAll(mlp);
        if (config.attention().headNorm() != AttentionConfig.HeadNorm.NONE) {
            rules.addAll(norm("blocks.{l}.attn.q_norm", Parameter.QUERY_NORM_GAIN, Parameter.QUERY_NORM_BIAS, bias));
            rules.addAll(norm("blocks.{l}.attn.k_norm", Parameter.KEY_NORM_GAIN, Parameter.KEY_NORM_BIAS, bias));
        }
        rules.addAll(ends(config.head(), bias));
        return new Architecture.Table("timm", rules, List.of());
    }

    private static List<WeightRule> embeddings(ModelConfig config) {
        PatchConfig image = config.embedding().image().orElseThrow();
        List<WeightRule> rules = new ArrayList<>();
        rules.add(required("patch_embed.proj.weight", Parameter.PATCH_EMBED, PATCHES));
        if (config.embedding().embedNorm()) {
            boolean bias = config.block().norm() == BlockConfig.Norm.LAYER_NORM;
            rules.addAll(norm("norm_pre", Parameter.EMBED_NORM_GAIN, Parameter.EMBED_NORM_BIAS, bias));
        } else {
            rules.add(required("patch_embed.proj.bias", Parameter.PATCH_EMBED_BIAS, NONE));
        }
        rules.add(required("pos_embed", Parameter.POSITION_EMBED, FIRST_OF_BATCH));
        if (image.prefix().contains(PatchConfig.CLS)) {
            rules.add(required("cls_token", Parameter.CLASS_TOKEN, FIRST_OF_BATCH));
        }
        if (image.prefix().contains(PatchConfig.DIST)) {
            rules.add(required("dist_token", Parameter.DISTILLATION_TOKEN, FIRST_OF_BATCH));
        }
        if (image.registers() > 0) {
            rules.add(required("reg_token", Parameter.REGISTER_TOKENS, FIRST_OF_BATCH));
        }
        return rules;
    }

    private static List<WeightRule> ends(OutputHeadConfig head, boolean bias) {
        List<WeightRule> rules = new ArrayList<>();
        if (head.norm() != OutputHeadConfig.NormAt.NONE) {
            String norm = head.norm() == OutputHeadConfig.NormAt.POOLED_ROW ? "fc_norm" : "norm";
            rules.addAll(norm(norm, Parameter.FINAL_GAIN, Parameter.FINAL_BIAS, bias));
        }
        if (head.pool() == OutputHeadConfig.Pool.ATTENTION) {
            rules.addAll(attentionPool("attn_pool.", bias));
        }
        if (head.task() == OutputHeadConfig.Task.CLASSES) {
            rules.addAll(WeightRule.dense("head", Parameter.UNEMBED, Parameter.UNEMBED_BIAS));
            if (head.pool() == OutputHeadConfig.Pool.FIRST_TWO) {
                rules.addAll(WeightRule.dense("head_dist", Parameter.SECOND_UNEMBED, Parameter.SECOND_UNEMBED_BIAS));
            }
        }
        return rules;
    }

    private static List<WeightRule> attentionPool(String at, boolean bias) {
        List<WeightRule> rules = new ArrayList<>();
        rules.add(required(at + "latent", Parameter.POOL_PROBE, FIRST_OF_BATCH));
        rules.addAll(WeightRule.dense(at + "q", Parameter.POOL_QUERY, Parameter.POOL_QUERY_BIAS));
        rules.addAll(WeightRule.dense(at + "kv", Parameter.POOL_KEY_VALUE, Parameter.POOL_KEY_VALUE_BIAS));
        rules.addAll(WeightRule.dense(at + "proj", Parameter.POOL_OUTPUT, Parameter.POOL_OUTPUT_BIAS));
        rules.addAll(norm(at + "norm", Parameter.POOL_NORM_GAIN, Parameter.POOL_NORM_BIAS, bias));
        rules.addAll(WeightRule.dense(at + "mlp.fc1", Parameter.POOL_MLP_IN, Parameter.POOL_MLP_IN_BIAS));
        rules.addAll(WeightRule.dense(at + "mlp.fc2", Parameter.POOL_MLP_OUT, Parameter.POOL_MLP_OUT_BIAS));
        return rules;
    }

    private static List<WeightRule> norm(String name, Parameter gain, Parameter bias, boolean biased) {
        WeightRule scale = required(name + ".weight", gain, NONE);
        return biased ? List.of(scale, required(name + ".bias", bias, NONE)) : List.of(scale);
    }

    private static List<WeightRule> block(String l, boolean bias) {
        List<WeightRule> rules = new ArrayList<>();
        rules.addAll(norm(l + "norm1", Parameter.LN1_GAIN, Parameter.LN1_BIAS, bias));
        rules.addAll(norm(l + "norm2", Parameter.LN2_GAIN, Parameter.LN2_BIAS, bias));
        rules.addAll(List.of(
                required(l + "attn.qkv.weight", Parameter.QKV, TRANSPOSE),
                optional(l + "attn.qkv.bias", Parameter.QKV_BIAS, NONE),
                required(l + "attn.proj.weight", Parameter.OUTPUT, TRANSPOSE),
                optional(l + "attn.proj.bias", Parameter.OUTPUT_BIAS, NONE),
                optional(l + "ls1.gamma", Parameter.ATTENTION_SCALE, NONE),
                optional(l + "ls2.gamma", Parameter.MLP_SCALE, NONE)));
        return rules;
    }

    private static List<WeightRule> plain(String mlp) {
        return List.of(
                required(mlp + "fc1.weight", Parameter.MLP_IN, TRANSPOSE),
                optional(mlp + "fc1.bias", Parameter.MLP_IN_BIAS, NONE),
                required(mlp + "fc2.weight", Parameter.MLP_OUT, TRANSPOSE),
                optional(mlp + "fc2.bias", Parameter.MLP_OUT_BIAS, NONE));
    }

    private static List<WeightRule> gatedInOne(String mlp) {
        return List.of(
                required(mlp + "fc1.weight", Parameter.GATE_AND_IN, TRANSPOSE),
                optional(mlp + "fc1.bias", Parameter.GATE_AND_IN_BIAS, NONE),
                required(mlp + "fc2.weight", Parameter.MLP_OUT, TRANSPOSE),
                optional(mlp + "fc2.bias", Parameter.MLP_OUT_BIAS, NONE));
    }

    private static List<WeightRule> gated(String mlp) {
        return List.of(
                required(mlp + "fc1_g.weight", Parameter.GATE, TRANSPOSE),
                optional(mlp + "fc1_g.bias", Parameter.GATE_BIAS, NONE),
                required(mlp + "fc1_x.weight", Parameter.MLP_IN, TRANSPOSE),
                optional(mlp + "fc1_x.bias", Parameter.MLP_IN_BIAS, NONE),
                required(mlp + "fc2.weight", Parameter.MLP_OUT, TRANSPOSE),
                optional(mlp + "fc2.bias", Parameter.MLP_OUT_BIAS, NONE));
    }
}
