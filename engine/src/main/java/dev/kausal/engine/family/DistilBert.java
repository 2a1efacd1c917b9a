package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** DistilBERT (Sanh et al. 2019): BERT without token types; its classifier follows a ReLU. */
final class DistilBert {
    static final Family FAMILY =
            new Family("distilbert", Map.of("distilbert", DistilBert::json), Map.of(), DistilBert::tables);

    private DistilBert() {}

    private static ModelConfig json(ConfigFields f) {
        Activation activation = f.activation("activation");
        OutputHeadConfig head = EncoderHead.read(
                f,
                "DistilBert",
                OutputHeadConfig.maskedToken(activation),
                Map.of(
                        "ForSequenceClassification",
                        OutputHeadConfig.firstRowClasses(Activation.RELU, f.classes()),
                        "Model",
                        OutputHeadConfig.hiddenStates(OutputHeadConfig.NormAt.NONE, Optional.empty())));
        int heads = f.count("n_heads");
        int dModel = f.count("dim");
        int dHead = f.headWidth(dModel, heads);
        int layers = f.layers("n_layers");
        return new ModelConfig(
                "distilbert",
                layers,
                heads,
                heads,
                dModel,
                dHead,
                f.count("hidden_dim"),
                f.count("vocab_size"),
                f.count("max_position_embeddings"),
                1e-12, // Not in the config.
                activation,
                f.ties(head),
                Bert.BLOCK,
                AttentionConfig.full(layers, dHead),
                EmbeddingConfig.normed(0, 0),
                head);
    }

    /** Returns tables with and without the prefix of a model with a head. */
    private static List<Architecture.Table> tables(ModelConfig config) {
        List<Architecture.Table> tables = new ArrayList<>();
        for (String prefix : List.of("distilbert.", "")) {
            for (List<WeightRule> head : heads(config.head())) {
                tables.add(new Architecture.Table(
                        Architecture.Table.HUGGING_FACE, EncoderHead.concat(body(prefix), head), List.of()));
            }
        }
        return tables;
    }

    private static List<List<WeightRule>> heads(OutputHeadConfig head) {
        return switch (head.task()) {
            case MASKED_TOKEN -> List.of(maskedToken());
            case CLASSES ->
                List.of(EncoderHead.concat(EncoderHead.pooler("pre_classifier"), EncoderHead.classifier("classifier")));
            case TOKEN_CLASSES -> EncoderHead.perToken();
            default -> List.of(List.of());
        };
    }

    private static List<WeightRule> maskedToken() {
        return List.of(
                required("vocab_transform.weight", Parameter.TRANSFORM, TRANSPOSE),
                required("vocab_transform.bias", Parameter.TRANSFORM_BIAS, NONE),
                required("vocab_layer_norm.weight", Parameter.FINAL_GAIN, NONE),
                required("vocab_layer_norm.bias", Parameter.FINAL_BIAS, NONE),
                optional("vocab_projector.weight", Parameter.UNEMBED, TRANSPOSE),
                required("vocab_projector.bias", Parameter.UNEMBED_BIAS, NONE));
    }

    private static List<WeightRule> body(String prefix) {
        String e = prefix + "embeddings.";
        String l = prefix + "transformer.layer.{l}.";
        return List.of(
                required(e + "word_embeddings.weight", Parameter.EMBED, NONE),
                required(e + "position_embeddings.weight", Parameter.POSITION_EMBED, NONE),
                required(e + "LayerNorm.weight", Parameter.EMBED_NORM_GAIN, NONE),
                required(e + "LayerNorm.bias", Parameter.EMBED_NORM_BIAS, NONE),
                required(l + "attention.q_lin.weight", Parameter.QUERY, TRANSPOSE),
                required(l + "attention.q_lin.bias", Parameter.QUERY_BIAS, NONE),
                required(l + "attention.k_lin.weight", Parameter.KEY, TRANSPOSE),
                required(l + "attention.k_lin.bias", Parameter.KEY_BIAS, NONE),
                required(l + "attention.v_lin.weight", Parameter.VALUE, TRANSPOSE),
                required(l + "attention.v_lin.bias", Parameter.VALUE_BIAS, NONE),
                required(l + "attention.out_lin.weight", Parameter.OUTPUT, TRANSPOSE),
                required(l + "attention.out_lin.bias", Parameter.OUTPUT_BIAS, NONE),
                required(l + "sa_layer_norm.weight", Parameter.LN1_GAIN, NONE),
                required(l + "sa_layer_norm.bias", Parameter.LN1_BIAS, NONE),
                required(l + "ffn.lin1.weight", Parameter.MLP_IN, TRANSPOSE),
                required(l + "ffn.lin1.bias", Parameter.MLP_IN_BIAS, NONE),
                required(l + "ffn.lin2.weight", Parameter.MLP_OUT, TRANSPOSE),
                required(l + "ffn.lin2.bias", Parameter.MLP_OUT_BIAS, NONE),
                required(l + "output_layer_norm.weight", Parameter.LN2_GAIN, NONE),
                required(l + "output_layer_norm.bias", Parameter.LN2_BIAS, NONE));
    }
}
