package dev.kausal.engine.model;

import java.util.List;

/** Gemma 2 (2024): soft caps on scores and logits, a window in every other layer. */
final class Gemma2 {
    static final Family FAMILY = Family.of("gemma2", Gemma2::json, GemmaLike.table(List.of()));

    private Gemma2() {}

    private static ModelConfig json(ConfigFields f) {
        ModelConfig sizes = GemmaLike.json("gemma2", f, 2);
        return sizes.with(sizes.attention().withRotary(LlamaLike.rotary(f, sizes)));
    }
}
