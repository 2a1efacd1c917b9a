package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.FIRST_OF_BATCH;
import static dev.kausal.engine.family.WeightRule.required;

import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.PatchConfig;
import java.util.List;
import java.util.Map;

/** DeiT (Touvron et al. 2020) in transformers' naming: ViT with a distillation token after [CLS]. */
final class Deit {
    static final Family FAMILY = new Family("deit", Map.of("deit", Deit::json), Map.of(), Deit::tables);

    private Deit() {}

    private static ModelConfig json(ConfigFields f) {
        OutputHeadConfig first =
                OutputHeadConfig.classes(OutputHeadConfig.NormAt.EVERY_ROW, OutputHeadConfig.Pool.FIRST, f.classes());
        OutputHeadConfig both = OutputHeadConfig.classes(
                OutputHeadConfig.NormAt.EVERY_ROW, OutputHeadConfig.Pool.FIRST_TWO, f.classes());
        OutputHeadConfig head = VitLike.head(
                f,
                "DeiTModel",
                Map.of("DeiTForImageClassification", first, "DeiTForImageClassificationWithTeacher", both));
        PatchConfig image = VitLike.image(f, List.of(PatchConfig.CLS, PatchConfig.DIST), 2, false);
        return VitLike.sizes("deit", f, f.count("intermediate_size"), VitLike.BLOCK, image, head);
    }

    private static List<Architecture.Table> tables(ModelConfig config) {
        return VitLike.tables(config, "deit.", prefix -> {
            List<WeightRule> rules = VitLike.embeddings(prefix);
            rules.add(required(prefix + "embeddings.distillation_token", Parameter.DISTILLATION_TOKEN, FIRST_OF_BATCH));
            rules.addAll(VitLike.blocks(prefix));
            rules.addAll(head(config.head(), prefix));
            return rules;
        });
    }

    private static List<WeightRule> head(OutputHeadConfig head, String prefix) {
        if (head.pool() != OutputHeadConfig.Pool.FIRST_TWO) {
            return VitLike.head(head, prefix);
        }
        return EncoderHead.concat(
                WeightRule.dense("cls_classifier", Parameter.UNEMBED, Parameter.UNEMBED_BIAS),
                WeightRule.dense("distillation_classifier", Parameter.SECOND_UNEMBED, Parameter.SECOND_UNEMBED_BIAS));
    }
}
