package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.NONE;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.RelativePositionConfig;
import dev.kausal.engine.config.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * DeBERTa versions 2 and 3 (He et al. 2021): distances share embeddings logarithmically; these are normed and pass the
 * projections of queries and keys if the config says so.
 */
final class DebertaV2 {
    static final Family FAMILY =
            new Family("deberta-v2", Map.of("deberta-v2", DebertaV2::json), Map.of(), DebertaV2::tables);

    private DebertaV2() {}

    private static ModelConfig json(ConfigFields f) {
        f.refuseNull("position_buckets", "norm_rel_ebd", "conv_kernel_size");
        int kernel = f.whole("conv_kernel_size", Integer.MIN_VALUE, 0);
        if (kernel > 0) {
            throw new UnsupportedModelException(
                    f.where(), "conv_kernel_size", kernel, "0 (no convolution after the first block)");
        }
        ModelConfig config = DebertaLike.sizes("deberta-v2", "DebertaV2", f);
        Set<String> terms = DebertaLike.terms(f);
        return DebertaLike.attending(f, config, terms.size(), relative(f, config, terms));
    }

    private static RelativePositionConfig relative(ConfigFields f, ModelConfig config, Set<String> terms) {
        int buckets = Math.max(0, f.whole("position_buckets", Integer.MIN_VALUE, 0));
        boolean shared = f.flag("share_att_key");
        boolean normed = norms(f).contains("layer_norm");
        if (!f.flag("relative_attention")) {
            return RelativePositionConfig.NONE;
        }
        int farthest = DebertaLike.farthest(f, config);
        if (buckets > 0 && (buckets == 1 || farthest - 1 <= buckets / 2)) {
            throw new UnsupportedModelException(
                    f.where(),
                    "position_buckets",
                    buckets,
                    "at least 2, and its half below the largest distance, " + (farthest - 1));
        }
        return new RelativePositionConfig.Disentangled(
                buckets > 0 ? buckets : farthest,
                buckets,
                farthest,
                terms.contains("c2p"),
                terms.contains("p2c"),
                shared,
                normed);
    }

    /** Reads the norms of distance embeddings, a list in one string. */
    private static Set<String> norms(ConfigFields f) {
        Set<String> norms = new TreeSet<>();
        for (String norm :
                f.text("norm_rel_ebd").orElse("none").toLowerCase(Locale.ROOT).split("\\|", -1)) {
            f.of("norm_rel_ebd", norm.strip()).only("norm_rel_ebd", "layer_norm, none", "layer_norm", "none");
            norms.add(norm.strip());
        }
        return norms;
    }

    private static List<Architecture.Table> tables(ModelConfig config) {
        return DebertaLike.tables(config, prefix -> attention(config, prefix));
    }

    private static List<WeightRule> attention(ModelConfig config, String prefix) {
        String a = prefix + "encoder.layer.{l}.attention.self.";
        List<WeightRule> rules = new ArrayList<>();
        rules.addAll(WeightRule.dense(a + "query_proj", Parameter.QUERY, Parameter.QUERY_BIAS));
        rules.addAll(WeightRule.dense(a + "key_proj", Parameter.KEY, Parameter.KEY_BIAS));
        rules.addAll(WeightRule.dense(a + "value_proj", Parameter.VALUE, Parameter.VALUE_BIAS));
        config.attention().relative().disentangled().ifPresent(distances -> {
            if (distances.keys() && !distances.shared()) {
                rules.addAll(WeightRule.dense(a + "pos_key_proj", Parameter.RELATIVE_KEY, Parameter.RELATIVE_KEY_BIAS));
            }
            if (distances.queries() && !distances.shared()) {
                rules.addAll(WeightRule.dense(
                        a + "pos_query_proj", Parameter.RELATIVE_QUERY, Parameter.RELATIVE_QUERY_BIAS));
            }
            if (distances.normed()) {
                String norm = prefix + "encoder.LayerNorm.";
                rules.add(required(norm + "weight", Parameter.RELATIVE_NORM_GAIN, NONE));
                rules.add(required(norm + "bias", Parameter.RELATIVE_NORM_BIAS, NONE));
            }
        });
        return rules;
    }
}
