package dev.kausal.engine.family;

import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.PatchConfig;
import java.util.List;
import java.util.Map;

/** ViT (Dosovitskiy et al. 2020) in transformers' naming. */
final class Vit {
    static final Family FAMILY = new Family("vit", Map.of("vit", Vit::json), Map.of(), Vit::tables);

    private Vit() {}

    private static ModelConfig json(ConfigFields f) {
        OutputHeadConfig classes =
                OutputHeadConfig.classes(OutputHeadConfig.NormAt.EVERY_ROW, OutputHeadConfig.Pool.FIRST, f.classes());
        OutputHeadConfig head = VitLike.head(f, "ViTModel", Map.of("ViTForImageClassification", classes));
        PatchConfig image = VitLike.image(f, PatchConfig.prefix(0), 1, false);
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
