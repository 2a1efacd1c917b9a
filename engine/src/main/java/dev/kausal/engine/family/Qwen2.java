package dev.kausal.engine.family;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.UnsupportedModelException;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Qwen2 and Qwen2.5 (Yang et al. 2024): Llama with biases on queries, keys and values. */
final class Qwen2 {
    static final Family FAMILY = LlamaLike.family(
                    "qwen2", Qwen2::json, LlamaLike.NORMS, LlamaLike.ATTENTION, LlamaLike.MLP)
            .withGguf(
                    "qwen2",
                    Qwen2::gguf,
                    GgufLike.table(GgufLike.NORMS, GgufLike.attention(Transform.TRANSPOSE), GgufLike.MLP));

    private Qwen2() {}

    private static ModelConfig json(ConfigFields f) {
        ModelConfig config = LlamaLike.rotating("qwen2", f);
        f.always(Parameter.QUERY_BIAS, Parameter.KEY_BIAS, Parameter.VALUE_BIAS);
        return windowed(f, config);
    }

    private static ModelConfig gguf(ConfigFields f) {
        return GgufLike.rotating(
                f, GgufLike.sizes("qwen2", f, LlamaLike.BLOCK, Activation.SILU, EmbeddingConfig.PLAIN));
    }

    /** Applies a window, if used, from {@code max_window_layers} on or according to {@code layer_types}. */
    static ModelConfig windowed(ConfigFields f, ModelConfig config) {
        int first = f.whole("max_window_layers", 0);
        return windowed(f, config, layer -> layer >= first);
    }

    /** Applies a window, if used, to layers chosen by {@code layer_types} or else {@code otherwise}. */
    static ModelConfig windowed(ConfigFields f, ModelConfig config, IntPredicate otherwise) {
        boolean used = f.flag("use_sliding_window");
        int window = f.countOrNone("sliding_window");
        int seen = used ? window : 0;
        if (seen == 0 && f.raw("layer_types") instanceof List<?> types && types.contains("sliding_attention")) {
            throw new UnsupportedModelException(
                    f.where(), "layer_types", types, "full_attention in every layer, because no window is used");
        }
        List<Integer> windows = f.has("layer_types")
                ? LlamaLike.windows(f, config.layers(), seen)
                : IntStream.range(0, config.layers())
                        .map(layer -> otherwise.test(layer) ? seen : 0)
                        .boxed()
                        .toList();
        return config.with(config.attention().withWindows(windows));
    }
}
