package dev.kausal.engine.model;

import java.util.List;
import java.util.Map;

/** Gemma 3, the text model (2025): an RMSNorm of each head's query and key; layers with a window turn faster. */
final class Gemma3 {
    static final Family FAMILY = new Family(
            "gemma3",
            Map.of("gemma3_text", Gemma3::json),
            Map.of("gemma3", Gemma3::gguf),
            config -> List.of(
                    GemmaLike.table(LlamaLike.headNorms(Transform.PLUS_ONE)),
                    GemmaLike.ggufTable(GgufLike.HEAD_NORMS)));

    private Gemma3() {}

    private static ModelConfig json(ConfigFields f) {
        ModelConfig sizes = GemmaLike.json("gemma3", f, 6);
        boolean parts = f.nested("rope_parameters").has("full_attention");
        RotaryReader full = parts ? RotaryReader.part(f, "full_attention") : new RotaryReader(f);
        RotaryShape far = full.halves(sizes.dHead(), "rope_theta", "linear");
        RotaryShape near = parts
                ? RotaryReader.part(f, "sliding_attention").halves(sizes.dHead(), "rope_theta")
                : RotaryShape.halves(f.positive("rope_local_base_freq", 10_000), sizes.dHead());
        return with(sizes, far, near);
    }

    private static ModelConfig gguf(ConfigFields f) {
        GgufLike.refuseScaling(f, "gemma3.", "linear");
        ModelConfig sizes = GemmaLike.gguf("gemma3", f, 6, 62);
        RotaryShape far = RotaryShape.halves(f.positive("gemma3.rope.freq_base", 1_000_000), sizes.dHead());
        double factor = f.positive("gemma3.rope.scaling.factor", 1);
        double near = f.positive("gemma3.rope.freq_base_swa", 10_000);
        return with(sizes, far.linear(factor), RotaryShape.halves(near, sizes.dHead()));
    }

    /** Layers that see all turn like {@code far}, those with a window like {@code near}. */
    private static ModelConfig with(ModelConfig sizes, RotaryShape far, RotaryShape near) {
        return sizes.with(sizes.attention()
                .withHeadNorm(AttentionShape.HeadNorm.EACH_HEAD)
                .withRotary(sizes.attention().windows().stream()
                        .map(window -> window == 0 ? far : near)
                        .toList()));
    }
}
