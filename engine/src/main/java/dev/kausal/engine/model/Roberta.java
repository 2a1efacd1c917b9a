package dev.kausal.engine.model;

import static dev.kausal.engine.model.Transform.NONE;
import static dev.kausal.engine.model.Transform.TRANSPOSE;
import static dev.kausal.engine.model.WeightRule.optional;
import static dev.kausal.engine.model.WeightRule.required;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** RoBERTa (Liu et al. 2019): BERT with positions counted from behind the padding's row, and other heads. */
final class Roberta {
    static final Family FAMILY = new Family("roberta", Map.of("roberta", Roberta::json), Map.of(), Roberta::tables);

    private Roberta() {}

    private static ModelConfig json(ConfigFields f) {
        // Whatever hidden_act is, a masked-LM head's own non-linearity is GELU.
        HeadShape head = f.head(Map.of(
                "RobertaForMaskedLM", Bert.masked(f, Activation.GELU),
                "RobertaForSequenceClassification", HeadShape.firstRowClasses(Activation.TANH, f.classes())));
        int padding = f.whole("pad_token_id", 1);
        ModelConfig sizes = Bert.sizes("roberta", f, padding + 1, head);
        return sizes.with(sizes.ends().withPadding(padding));
    }

    private static List<Architecture.Table> tables(ModelConfig config) {
        List<WeightRule> rules = Bert.body("roberta.", "weight", "bias");
        HeadShape head = config.head();
        rules.addAll(head.task() == HeadShape.Task.MASKED_TOKEN ? maskedToken(head) : classes());
        // Neither class reads a pooler, which files saved from others bring along.
        List<String> ignored = new ArrayList<>(List.of("roberta\\.embeddings\\.position_ids", "roberta\\.pooler\\..*"));
        if (head.ownBias()) {
            ignored.add("lm_head\\.bias");
        }
        return List.of(new Architecture.Table(Architecture.Table.HUGGING_FACE, rules, ignored));
    }

    private static List<WeightRule> maskedToken(HeadShape head) {
        List<WeightRule> rules = new ArrayList<>(List.of(
                required("lm_head.dense.weight", Parameter.TRANSFORM, TRANSPOSE),
                required("lm_head.dense.bias", Parameter.TRANSFORM_BIAS, NONE),
                required("lm_head.layer_norm.weight", Parameter.FINAL_GAIN, NONE),
                required("lm_head.layer_norm.bias", Parameter.FINAL_BIAS, NONE),
                optional("lm_head.decoder.weight", Parameter.UNEMBED, TRANSPOSE)));
        rules.addAll(Bert.unembedBias(head, "lm_head.bias", "lm_head.decoder.bias"));
        return rules;
    }

    private static List<WeightRule> classes() {
        return List.of(
                required("classifier.dense.weight", Parameter.POOLER, TRANSPOSE),
                required("classifier.dense.bias", Parameter.POOLER_BIAS, NONE),
                required("classifier.out_proj.weight", Parameter.UNEMBED, TRANSPOSE),
                required("classifier.out_proj.bias", Parameter.UNEMBED_BIAS, NONE));
    }
}
