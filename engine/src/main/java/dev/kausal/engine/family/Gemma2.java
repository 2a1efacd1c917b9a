package dev.kausal.engine.family;

import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;
import java.util.List;
import java.util.Map;

/** Gemma 2 (2024): soft caps on scores and logits, a window in every other layer. */
final class Gemma2 {
    static final Family FAMILY = new Family(
                    "gemma2",
                    Map.of("gemma2", Gemma2::json),
                    Map.of(),
                    config -> GemmaLike.fourNorms(config, List.of()))
            .withGguf("gemma2", Gemma2::gguf, GemmaLike.ggufTable(List.of()));

    private Gemma2() {}

    private static ModelConfig gguf(ConfigFields f) {
        return GgufLike.rotating(f, GemmaLike.gguf("gemma2", f, 2, 46));
    }

    private static ModelConfig json(ConfigFields f) {
        ModelConfig config = LlamaLike.rotating(f, GemmaLike.json("gemma2", f));
        int window = f.count("sliding_window");
        return config.with(config.attention()
                .withSoftCap(f.positiveOrNone("attn_logit_softcapping"))
                .withWindows(LlamaLike.windows(f, config.layers(), 2, window)));
    }
}
