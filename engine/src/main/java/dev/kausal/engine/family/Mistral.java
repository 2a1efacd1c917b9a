package dev.kausal.engine.family;

import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.ModelConfig;

/** Mistral (Jiang et al. 2023): Llama with a window, in every layer or, in Ministral, in some. */
final class Mistral {
    static final Family FAMILY = LlamaLike.family(
                    "mistral", Mistral::json, LlamaLike.NORMS, LlamaLike.ATTENTION, LlamaLike.MLP)
            .alsoJson("ministral", Mistral::json);

    private Mistral() {}

    /** Reads a config; the library reads a Mistral with a list of windowed layers as Ministral. */
    private static ModelConfig json(ConfigFields f) {
        ModelConfig config = LlamaLike.rotating("mistral", f);
        int window = f.countOrNone("sliding_window");
        return f.has("layer_types")
                ? config.with(config.attention().withWindows(LlamaLike.windows(f, config.layers(), window)))
                : config.with(config.attention().withWindow(window));
    }
}
