package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.optional;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** ELECTRA (Clark et al. 2020): BERT with embeddings of their own width, and a head that detects replaced tokens. */
final class Electra {
    static final Family FAMILY = new Family("electra", Map.of("electra", Electra::json), Map.of(), Electra::tables);

    private Electra() {}

    private static ModelConfig json(ConfigFields f) {
        f.unused("summary_type", "summary_use_proj", "summary_activation"); // Fields of an unsupported class.
        OutputHeadConfig head = EncoderHead.read(
                f,
                "Electra",
                OutputHeadConfig.maskedToken(Activation.GELU),
                Map.of(
                        "ForPreTraining",
                        OutputHeadConfig.tokenClasses(1).withTransform(f.activation("hidden_act")),
                        "ForSequenceClassification",
                        OutputHeadConfig.firstRowClasses(Activation.GELU, f.classes()),
                        "Model",
                        OutputHeadConfig.hiddenStates(OutputHeadConfig.NormAt.NONE, Optional.empty())));
        ModelConfig sizes = Bert.sizes("electra", f, 0, head);
        int width = f.count("embedding_size");
        return width == sizes.dModel() ? sizes : sizes.with(sizes.embedding().withEmbedWidth(width));
    }

    /** Returns tables with and without the prefix of a model with a head. */
    private static List<Architecture.Table> tables(ModelConfig config) {
        List<Architecture.Table> tables = new ArrayList<>();
        for (String prefix : List.of("electra.", "")) {
            for (List<WeightRule> head : heads(config.head())) {
                List<WeightRule> rules = Bert.body(prefix, "weight", "bias");
                if (config.embedding().embedWidth() > 0) {
                    rules.addAll(WeightRule.dense(
                            prefix + "embeddings_project",
                            Parameter.EMBED_PROJECTION,
                            Parameter.EMBED_PROJECTION_BIAS));
                }
                rules.addAll(head);
                List<String> ignored = List.of(prefix.replace(".", "\\.") + "embeddings\\.position_ids");
                tables.add(new Architecture.Table(Architecture.Table.HUGGING_FACE, rules, ignored));
            }
        }
        return tables;
    }

    private static List<List<WeightRule>> heads(OutputHeadConfig head) {
        return switch (head.task()) {
            case MASKED_TOKEN -> List.of(maskedToken());
            case CLASSES ->
                List.of(EncoderHead.concat(
                        EncoderHead.pooler("classifier.dense"), EncoderHead.classifier("classifier.out_proj")));
            case TOKEN_CLASSES -> head.transform().isPresent() ? List.of(replaced()) : EncoderHead.perToken();
            default -> List.of(List.of());
        };
    }

    private static List<WeightRule> replaced() {
        String p = "discriminator_predictions.";
        return EncoderHead.concat(
                WeightRule.dense(p + "dense", Parameter.TRANSFORM, Parameter.TRANSFORM_BIAS),
                EncoderHead.classifier(p + "dense_prediction"));
    }

    private static List<WeightRule> maskedToken() {
        String p = "generator_predictions.";
        List<WeightRule> rules =
                new ArrayList<>(WeightRule.dense(p + "dense", Parameter.TRANSFORM, Parameter.TRANSFORM_BIAS));
        rules.add(required(p + "LayerNorm.weight", Parameter.FINAL_GAIN, NONE));
        rules.add(required(p + "LayerNorm.bias", Parameter.FINAL_BIAS, NONE));
        rules.add(optional("generator_lm_head.weight", Parameter.UNEMBED, TRANSPOSE));
        rules.add(required("generator_lm_head.bias", Parameter.UNEMBED_BIAS, NONE));
        return rules;
    }
}
