package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.BY_HEAD_TRANSPOSE;
import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.Transform.TRANSPOSE;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.RelativePositionConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** DeBERTa version 1 (He et al. 2020): each distance has an embedding, with projections of its own. */
final class Deberta {
    static final Family FAMILY = new Family("deberta", Map.of("deberta", Deberta::json), Map.of(), Deberta::tables);

    private Deberta() {}

    private static ModelConfig json(ConfigFields f) {
        f.only("talking_head", "false", false);
        ModelConfig config = DebertaLike.sizes("deberta", "Deberta", f);
        Set<String> terms = DebertaLike.terms(f);
        boolean relative = f.flag("relative_attention");
        int farthest = relative ? DebertaLike.farthest(f, config) : 0;
        return DebertaLike.attending(
                f,
                config,
                terms.size(),
                relative
                        ? new RelativePositionConfig.Disentangled(
                                farthest, 0, farthest, terms.contains("c2p"), terms.contains("p2c"), false, false)
                        : RelativePositionConfig.NONE);
    }

    private static List<Architecture.Table> tables(ModelConfig config) {
        return DebertaLike.tables(config, prefix -> attention(config, prefix));
    }

    private static List<WeightRule> attention(ModelConfig config, String prefix) {
        String a = prefix + "encoder.layer.{l}.attention.self.";
        List<WeightRule> rules = new ArrayList<>(List.of(
                required(a + "in_proj.weight", Parameter.QKV, BY_HEAD_TRANSPOSE),
                required(a + "q_bias", Parameter.QUERY_BIAS, NONE),
                required(a + "v_bias", Parameter.VALUE_BIAS, NONE)));
        config.attention().relative().disentangled().ifPresent(distances -> {
            if (distances.keys()) {
                rules.add(required(a + "pos_proj.weight", Parameter.RELATIVE_KEY, TRANSPOSE));
            }
            if (distances.queries()) {
                rules.addAll(
                        WeightRule.dense(a + "pos_q_proj", Parameter.RELATIVE_QUERY, Parameter.RELATIVE_QUERY_BIAS));
            }
        });
        return rules;
    }
}
