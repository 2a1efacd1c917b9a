package dev.kausal.engine.model;

import java.util.List;
import java.util.Map;

/** ViT (Dosovitskiy et al. 2020) in transformers' naming. */
final class Vit {
    static final Family FAMILY = new Family("vit", Map.of("vit", Vit::json), Map.of(), Vit::tables);

    private Vit() {}

    private static ModelConfig json(ConfigFields f) {
        HeadShape classes = HeadShape.classes(HeadShape.NormAt.EVERY_ROW, HeadShape.Pool.FIRST, f.classes());
        HeadShape head = VitLike.head(f, "ViTModel", Map.of("ViTForImageClassification", classes));
        ImageShape image = VitLike.image(f, ImageShape.prefix(0), 1, false);
        return VitLike.sizes("vit", f, f.count("intermediate_size"), VitLike.BLOCK, image, head);
    }

    private static List<Architecture.Table> tables(ModelConfig config) {
        return VitLike.tables(config, "vit.", prefix -> {
            List<WeightRule> rules = VitLike.embeddings(prefix);
            rules.addAll(VitLike.blocks(prefix));
            rules.addAll(VitLike.head(config.head(), prefix));
            return rules;
        });
    }
}
