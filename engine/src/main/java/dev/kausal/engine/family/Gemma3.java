package dev.kausal.engine.family;

import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.GgufRotary;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.RotaryConfig;
import dev.kausal.engine.config.RotaryReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Gemma 3, the text model (2025): an RMSNorm of each head's query and key; windowed layers rotate faster. */
final class Gemma3 {
    private static final List<String> OF_IMAGES = List.of("(model\\.)?(vision_tower|multi_modal_projector)\\..*");

    static final Family FAMILY = new Family(
                    "gemma3",
                    Map.of("gemma3_text", Gemma3::json, "gemma3", Gemma3::nested),
                    Map.of(),
                    config -> tables(GemmaLike.fourNorms(config, LlamaLike.headNorms(Transform.PLUS_ONE))))
            .withGguf("gemma3", Gemma3::gguf, GemmaLike.ggufTable(GgufLike.HEAD_NORMS));

    private static final int INTERVAL = 6;

    private Gemma3() {}

    private static ModelConfig json(ConfigFields f) {
        ModelConfig sizes = GemmaLike.json("gemma3", f);
        // The library's Gemma 3 has the field but ignores it.
        f.unused("attn_logit_softcapping");
        f.refuseNull("sliding_window_pattern");
        RotaryReader full = RotaryReader.scaledPart(f, "full_attention");
        RotaryReader window = RotaryReader.part(f, "sliding_attention");
        return LlamaLike.alternating(
                        f,
                        sizes,
                        f.count("sliding_window_pattern", INTERVAL),
                        full.halves(sizes.dHead(), "rope_theta"),
                        window.halves(sizes.dHead(), "rope_local_base_freq"))
                .withHeadNorms(AttentionConfig.HeadNorm.EACH_HEAD)
                .withContext(full.context(sizes.context()));
    }

    /** Reads the text model of a multimodal config. */
    private static ModelConfig nested(ConfigFields f) {
        f.unused("vision_config", "mm_tokens_per_image", "image_token_index", "boi_token_index", "eoi_token_index");
        return json(f.inner("text_config", "gemma3_text"));
    }

    /** Returns tables for text-only and multimodal files; the latter use other prefixes and hold image tensors too. */
    private static List<Architecture.Table> tables(List<Architecture.Table> text) {
        List<Architecture.Table> tables = new ArrayList<>(text);
        for (String prefix : List.of("model.language_model.", "language_model.model.")) {
            Architecture.Table nested = text.get(0).renamed(LlamaLike.PREFIX, prefix);
            tables.add(nested.renamed("lm_head.", "language_model.lm_head.").ignoring(OF_IMAGES));
            tables.add(nested.ignoring(OF_IMAGES));
        }
        return tables;
    }

    private static ModelConfig gguf(ConfigFields f) {
        ModelConfig sizes = GemmaLike.gguf("gemma3", f, INTERVAL, 62);
        RotaryConfig far = new GgufRotary(f).halves(sizes.dHead(), 1_000_000);
        double near = f.positive("gemma3.rope.freq_base_swa", 10_000);
        return with(sizes, far, RotaryConfig.halves(near, sizes.dHead()));
    }

    /** Returns rotations {@code far} in layers with full attention, {@code near} in windowed ones. */
    private static ModelConfig with(ModelConfig sizes, RotaryConfig far, RotaryConfig near) {
        return sizes.with(sizes.attention()
                .withHeadNorm(AttentionConfig.HeadNorm.EACH_HEAD)
                .withRotary(sizes.attention().windows().stream()
                        .map(window -> window == 0 ? far : near)
                        .toList()));
    }
}
