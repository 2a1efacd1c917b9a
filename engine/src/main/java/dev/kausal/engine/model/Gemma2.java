package dev.kausal.engine.model;

import java.util.List;

/** Gemma 2 (2024): soft caps on scores and logits, a window in every other layer. */
final class Gemma2 {
    static final Family FAMILY = Family.of(
                    "gemma2", Gemma2::json, GemmaLike.table(List.of()), GemmaLike.ggufTable(List.of()))
            .withGguf("gemma2", Gemma2::gguf);

    private Gemma2() {}

    private static ModelConfig gguf(ConfigFields f) {
        return GgufLike.rotating(f, GemmaLike.gguf("gemma2", f, 2, 46));
    }

    private static ModelConfig json(ConfigFields f) {
        ModelConfig sizes = GemmaLike.json("gemma2", f, 2);
        return sizes.with(sizes.attention().withRotary(LlamaLike.rotary(f, sizes)));
    }
}
