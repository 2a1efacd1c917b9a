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

/**
 * RoBERTa (Liu et al. 2019): BERT with positions counted from after the padding row, and other heads. XLM-R and
 * CamemBERT are the same model trained on other texts.
 */
final class Roberta {
    static final Family FAMILY = new Family(
            "roberta",
            Map.of(
                    "roberta", f -> json(f, "Roberta"),
                    "xlm-roberta", f -> json(f, "XLMRoberta"),
                    "camembert", f -> json(f, "Camembert")),
            Map.of(),
            Roberta::tables);

    private Roberta() {}

    private static ModelConfig json(ConfigFields f, String name) {
        // Whatever hidden_act is, the masked-LM head's non-linearity is GELU.
        OutputHeadConfig head = EncoderHead.read(
                f,
                name,
                EncoderHead.masked(f, Activation.GELU),
                Map.of(
                        "ForSequenceClassification",
                        OutputHeadConfig.firstRowClasses(Activation.TANH, f.classes()),
                        "Model",
                        EncoderHead.pooled()));
        int padding = f.whole("pad_token_id", 1);
        ModelConfig sizes = Bert.sizes("roberta", f, padding + 1, head);
        return sizes.with(sizes.embedding().withPadding(padding));
    }

    /** Returns tables with and without the prefix of a model with a head. */
    private static List<Architecture.Table> tables(ModelConfig config) {
        List<Architecture.Table> tables = new ArrayList<>();
        for (String prefix : List.of("roberta.", "")) {
            for (List<WeightRule> head : heads(config.head(), prefix)) {
                List<WeightRule> rules = EncoderHead.concat(Bert.body(prefix, "weight", "bias"), head);
                tables.add(
                        new Architecture.Table(Architecture.Table.HUGGING_FACE, rules, ignored(config.head(), prefix)));
            }
        }
        return tables;
    }

    private static List<List<WeightRule>> heads(OutputHeadConfig head, String prefix) {
        return switch (head.task()) {
            case MASKED_TOKEN -> List.of(maskedToken(head));
            case CLASSES ->
                List.of(EncoderHead.concat(
                        EncoderHead.pooler("classifier.dense"), EncoderHead.classifier("classifier.out_proj")));
            case TOKEN_CLASSES -> EncoderHead.perToken();
            default -> List.of(head.pooler().isPresent() ? EncoderHead.pooler(prefix + "pooler.dense") : List.of());
        };
    }

    private static List<WeightRule> maskedToken(OutputHeadConfig head) {
        List<WeightRule> rules =
                new ArrayList<>(WeightRule.dense("lm_head.dense", Parameter.TRANSFORM, Parameter.TRANSFORM_BIAS));
        rules.add(required("lm_head.layer_norm.weight", Parameter.FINAL_GAIN, NONE));
        rules.add(required("lm_head.layer_norm.bias", Parameter.FINAL_BIAS, NONE));
        rules.add(optional("lm_head.decoder.weight", Parameter.UNEMBED, TRANSPOSE));
        rules.addAll(EncoderHead.unembedBias(head, "lm_head.bias", "lm_head.decoder.bias"));
        return rules;
    }

    /**
     * Returns ignored tensors. Only a model without a head reads the pooler, which files of other classes may also
     * hold.
     */
    private static List<String> ignored(OutputHeadConfig head, String prefix) {
        String p = prefix.replace(".", "\\.");
        List<String> ignored = new ArrayList<>(List.of(p + "embeddings\\.position_ids"));
        if (head.task() != OutputHeadConfig.Task.HIDDEN_STATES) {
            ignored.add(p + "pooler\\..*");
        }
        if (head.ownBias()) {
            ignored.add("lm_head\\.bias");
        }
        return ignored;
    }
}
