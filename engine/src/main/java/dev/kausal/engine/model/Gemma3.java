package dev.kausal.engine.model;

import java.util.List;
import java.util.Map;

/** Gemma 3, the text model (2025): an RMSNorm of each head's query and key; layers with a window turn faster. */
final class Gemma3 {
    static final Family FAMILY = new Family(
            "gemma3",
            Map.of("gemma3_text", Gemma3::json),
            Map.of(),
            config -> List.of(GemmaLike.table(LlamaLike.headNorms(Transform.PLUS_ONE))));

    private Gemma3() {}

    private static ModelConfig json(ConfigFields f) {
        ModelConfig sizes = GemmaLike.json("gemma3", f, 6);
        boolean parts = f.nested("rope_parameters").has("full_attention");
        RotaryReader full = parts ? RotaryReader.part(f, "full_attention") : new RotaryReader(f);
        RotaryShape far = full.halves(sizes.dHead(), "rope_theta", "linear");
        RotaryShape near = parts
                ? RotaryReader.part(f, "sliding_attention").halves(sizes.dHead(), "rope_theta")
                : RotaryShape.halves(f.positive("rope_local_base_freq", 10_000), sizes.dHead());
        return sizes.with(sizes.attention()
                .withHeadNorm(AttentionShape.HeadNorm.EACH_HEAD)
                .withRotary(sizes.attention().windows().stream()
                        .map(window -> window == 0 ? far : near)
                        .toList()));
    }
}
