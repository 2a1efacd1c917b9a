package dev.kausal.engine.model;

import static dev.kausal.engine.model.Transform.FIRST_OF_BATCH;
import static dev.kausal.engine.model.WeightRule.required;

import java.util.List;
import java.util.Map;

/** DeiT (Touvron et al. 2020) in transformers' naming: ViT with a distillation token after [CLS]. */
final class Deit {
    static final Family FAMILY = new Family("deit", Map.of("deit", Deit::json), Map.of(), Deit::tables);

    private Deit() {}

    private static ModelConfig json(ConfigFields f) {
        HeadShape head = f.head(Map.of(
                "DeiTForImageClassification", HeadShape.imageClasses(HeadShape.Pool.FIRST, f.classes()),
                "DeiTForImageClassificationWithTeacher",
                        HeadShape.imageClasses(HeadShape.Pool.FIRST_TWO, f.classes())));
        f.unused("pooler_act", "pooler_output_size");
        ImageShape image = VitLike.image(f, List.of(ImageShape.CLS, ImageShape.DIST), 2, false);
        return VitLike.sizes("deit", f, f.count("intermediate_size"), 1e-12, VitLike.BLOCK, image, head);
    }

    private static List<Architecture.Table> tables(ModelConfig config) {
        List<WeightRule> rules = VitLike.embeddings("deit.");
        rules.add(required("deit.embeddings.distillation_token", Parameter.DISTILLATION_TOKEN, FIRST_OF_BATCH));
        rules.addAll(VitLike.blocks("deit."));
        if (config.head().pool() == HeadShape.Pool.FIRST_TWO) {
            rules.addAll(VitLike.classifier("cls_classifier", Parameter.UNEMBED, Parameter.UNEMBED_BIAS));
            rules.addAll(VitLike.classifier(
                    "distillation_classifier", Parameter.SECOND_UNEMBED, Parameter.SECOND_UNEMBED_BIAS));
        } else {
            rules.addAll(VitLike.classifier("classifier", Parameter.UNEMBED, Parameter.UNEMBED_BIAS));
        }
        return List.of(new Architecture.Table(Architecture.Table.HUGGING_FACE, rules, List.of()));
    }
}
