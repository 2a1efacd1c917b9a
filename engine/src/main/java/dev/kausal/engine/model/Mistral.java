package dev.kausal.engine.model;

/** Mistral (Jiang et al. 2023): Llama with a window in every layer. */
final class Mistral {
    static final Family FAMILY =
            Family.of("mistral", Mistral::json, LlamaLike.table(LlamaLike.NORMS, LlamaLike.ATTENTION, LlamaLike.MLP));

    private Mistral() {}

    private static ModelConfig json(ConfigFields f) {
        ModelConfig config = LlamaLike.rotating("mistral", f);
        // Absent, the reference library puts a window of 4096 there; null says none.
        int window = f.names("sliding_window") ? f.countOrNone("sliding_window") : 4096;
        return config.with(config.attention().withWindow(window));
    }
}
