package dev.kausal.engine.model;

import java.util.List;
import java.util.Map;

/** ViT (Dosovitskiy et al. 2020) in transformers' naming. */
final class Vit {
    static final Family FAMILY = Family.of("vit", Vit::json, table());

    private Vit() {}

    private static ModelConfig json(ConfigFields f) {
        HeadShape head =
                f.head(Map.of("ViTForImageClassification", HeadShape.imageClasses(HeadShape.Pool.FIRST, f.classes())));
        f.unused("pooler_act", "pooler_output_size");
        ImageShape image = VitLike.image(f, ImageShape.prefix(0), 1, false);
        return VitLike.sizes("vit", f, f.count("intermediate_size"), 1e-12, VitLike.BLOCK, image, head);
    }

    private static Architecture.Table table() {
        List<WeightRule> rules = VitLike.embeddings("vit.");
        rules.addAll(VitLike.blocks("vit."));
        rules.addAll(VitLike.classifier("classifier", Parameter.UNEMBED, Parameter.UNEMBED_BIAS));
        return new Architecture.Table(Architecture.Table.HUGGING_FACE, rules, List.of());
    }
}
