package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.RotaryConfig;
import dev.kausal.engine.config.RotaryReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** ModernBERT (Warner et al. 2024): a pre-norm encoder with rotary positions and, in most layers, local attention. */
final class ModernBert {
    static final Family FAMILY =
            new Family("modernbert", Map.of("modernbert", ModernBert::json), Map.of(), ModernBert::tables);

    private static final BlockConfig BLOCK =
            new BlockConfig(BlockConfig.Order.PRE, BlockConfig.Norm.LAYER_NORM, true).withPlainFirst();

    private ModernBert() {}

    private static ModelConfig json(ConfigFields f) {
        f.unused("deterministic_flash_attn", "sparse_prediction", "sparse_pred_ignore_index");
        f.decides("norm_bias", Parameter.EMBED_NORM_BIAS, Parameter.LN1_BIAS, Parameter.LN2_BIAS);
        f.decides("norm_bias", Parameter.FINAL_BIAS, Parameter.HEAD_NORM_BIAS);
        f.decides("attention_bias", Parameter.QKV_BIAS, Parameter.OUTPUT_BIAS);
        f.decides("mlp_bias", Parameter.GATE_AND_IN_BIAS, Parameter.MLP_OUT_BIAS);
        f.decides("classifier_bias", Parameter.TRANSFORM_BIAS, Parameter.POOLER_BIAS);
        OutputHeadConfig head = head(f);
        if (head.hasVocabulary()) {
            f.decides("decoder_bias", Parameter.UNEMBED_BIAS);
        } else {
            f.unused("decoder_bias");
        }
        int heads = f.count("num_attention_heads");
        int dModel = f.count("hidden_size");
        int layers = f.layers("num_hidden_layers");
        int dHead = f.headWidth(dModel, heads);
        return new ModelConfig(
                "modernbert",
                layers,
                heads,
                heads,
                dModel,
                dHead,
                f.count("intermediate_size"),
                f.count("vocab_size"),
                f.count("max_position_embeddings"),
                f.positive("norm_eps"),
                f.activation("hidden_activation"),
                f.ties(head),
                BLOCK,
                attention(f, layers, dHead),
                EmbeddingConfig.normedTokens(),
                head);
    }

    private static OutputHeadConfig head(ConfigFields f) {
        Activation dense = f.activation("classifier_activation");
        f.only("classifier_pooling", "cls, mean", "cls", "mean");
        boolean mean = f.text("classifier_pooling").orElse("cls").equals("mean");
        OutputHeadConfig.Pool pool = mean ? OutputHeadConfig.Pool.PATCH_MEAN : OutputHeadConfig.Pool.FIRST;
        OutputHeadConfig.Pool all = OutputHeadConfig.Pool.EVERY_ROW;
        return EncoderHead.read(
                f,
                "ModernBert",
                OutputHeadConfig.normedTwice(OutputHeadConfig.Task.MASKED_TOKEN, all, dense, 0),
                Map.of(
                        "ForSequenceClassification",
                        OutputHeadConfig.normedTwice(OutputHeadConfig.Task.CLASSES, pool, dense, f.classes()),
                        "ForTokenClassification",
                        OutputHeadConfig.normedTwice(OutputHeadConfig.Task.TOKEN_CLASSES, all, dense, f.classes()),
                        "ForQuestionAnswering",
                        OutputHeadConfig.normedTwice(OutputHeadConfig.Task.TOKEN_CLASSES, all, dense, 2),
                        "Model",
                        OutputHeadConfig.hiddenStates(OutputHeadConfig.NormAt.EVERY_ROW, Optional.empty())));
    }

    /** Reads the windows; half of local_attention lies on each side of a query. */
    private static AttentionConfig attention(ConfigFields f, int layers, int dHead) {
        int window = f.count("local_attention") / 2 + 1;
        int everyNth = f.count("global_attn_every_n_layers", 3);
        List<Integer> windows = f.has("layer_types")
                ? LlamaLike.windows(f, layers, window)
                : IntStream.range(0, layers)
                        .map(layer -> layer % everyNth == 0 ? 0 : window)
                        .boxed()
                        .toList();
        f.nested("rope_parameters").onlyNamed(Set.of("full_attention", "sliding_attention"));
        RotaryConfig far = RotaryReader.scaledPart(f, "full_attention").halves(dHead, "global_rope_theta");
        RotaryConfig near = RotaryReader.scaledPart(f, "sliding_attention").halves(dHead, "local_rope_theta");
        return AttentionConfig.full(layers, dHead)
                .withWindows(windows)
                .withRotary(windows.stream().map(one -> one == 0 ? far : near).toList());
    }

    /** Returns tables with and without the prefix of a model with a head. */
    private static List<Architecture.Table> tables(ModelConfig config) {
        return List.of("model.", "").stream()
                .map(prefix -> new Architecture.Table(
                        Architecture.Table.HUGGING_FACE,
                        EncoderHead.concat(body(prefix), head(config.head())),
                        List.of()))
                .toList();
    }

    private static List<WeightRule> body(String prefix) {
        String l = prefix + "layers.{l}.";
        List<WeightRule> rules = new ArrayList<>();
        rules.add(required(prefix + "embeddings.tok_embeddings.weight", Parameter.EMBED, NONE));
        rules.addAll(norm(prefix + "embeddings.norm", Parameter.EMBED_NORM_GAIN, Parameter.EMBED_NORM_BIAS));
        rules.addAll(norm(l + "attn_norm", Parameter.LN1_GAIN, Parameter.LN1_BIAS));
        rules.addAll(dense(l + "attn.Wqkv", Parameter.QKV, Parameter.QKV_BIAS));
        rules.addAll(dense(l + "attn.Wo", Parameter.OUTPUT, Parameter.OUTPUT_BIAS));
        rules.addAll(norm(l + "mlp_norm", Parameter.LN2_GAIN, Parameter.LN2_BIAS));
        rules.addAll(dense(l + "mlp.Wi", Parameter.GATE_AND_IN, Parameter.GATE_AND_IN_BIAS));
        rules.addAll(dense(l + "mlp.Wo", Parameter.MLP_OUT, Parameter.MLP_OUT_BIAS));
        rules.addAll(norm(prefix + "final_norm", Parameter.FINAL_GAIN, Parameter.FINAL_BIAS));
        return rules;
    }

    private static List<WeightRule> head(OutputHeadConfig head) {
        if (head.task() == OutputHeadConfig.Task.HIDDEN_STATES) {
            return List.of();
        }
        List<WeightRule> rules = new ArrayList<>(
                head.pooled()
                        ? dense("head.dense", Parameter.POOLER, Parameter.POOLER_BIAS)
                        : dense("head.dense", Parameter.TRANSFORM, Parameter.TRANSFORM_BIAS));
        rules.addAll(norm("head.norm", Parameter.HEAD_NORM_GAIN, Parameter.HEAD_NORM_BIAS));
        rules.addAll(
                head.hasVocabulary()
                        ? List.of(
                                optional("decoder.weight", Parameter.UNEMBED, TRANSPOSE),
                                optional("decoder.bias", Parameter.UNEMBED_BIAS, NONE))
                        : EncoderHead.classifier("classifier"));
        return rules;
    }

    private static List<WeightRule> norm(String name, Parameter gain, Parameter bias) {
        return List.of(required(name + ".weight", gain, NONE), optional(name + ".bias", bias, NONE));
    }

    private static List<WeightRule> dense(String name, Parameter weight, Parameter bias) {
        return List.of(required(name + ".weight", weight, TRANSPOSE), optional(name + ".bias", bias, NONE));
    }
}
