package dev.kausal.engine.family;

import static dev.kausal.engine.family.Transform.UNPERMUTE_TRANSPOSE;

import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.ConfigFields;
import dev.kausal.engine.config.EmbeddingConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.RotaryConfig;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** SmolLM3 (2025): Llama with layers that do not rotate. */
final class SmolLm3 {
    private static final int INTERVAL = 4;

    static final Family FAMILY = LlamaLike.family(
                    "smollm3", SmolLm3::json, LlamaLike.NORMS, LlamaLike.ATTENTION, LlamaLike.MLP)
            .withGguf(
                    "smollm3",
                    SmolLm3::gguf,
                    GgufLike.table(GgufLike.NORMS, GgufLike.attention(UNPERMUTE_TRANSPOSE), GgufLike.MLP));

    private SmolLm3() {}

    private static ModelConfig json(ConfigFields f) {
        ModelConfig config = LlamaLike.rotating("smollm3", f);
        IntPredicate rotates = layer -> rotates(f, layer, config.layers());
        return Qwen2.windowed(f, rotating(config, rotates), rotates.negate());
    }

    /**
     * Reads llama.cpp's metadata. It does not say which layers rotate: llama.cpp assumes those of the published model.
     */
    private static ModelConfig gguf(ConfigFields f) {
        ModelConfig sizes = GgufLike.sizes("smollm3", f, LlamaLike.BLOCK, Activation.SILU, EmbeddingConfig.PLAIN);
        return rotating(GgufLike.rotating(f, sizes), layer -> (layer + 1) % INTERVAL != 0);
    }

    private static ModelConfig rotating(ModelConfig config, IntPredicate rotates) {
        List<RotaryConfig> turning = config.attention().rotary();
        List<RotaryConfig> rotary = IntStream.range(0, config.layers())
                .mapToObj(layer -> rotates.test(layer) ? turning.get(layer) : RotaryConfig.NONE)
                .toList();
        return config.with(config.attention().withRotary(rotary));
    }

    /** Returns whether a layer rotates: despite its name, the field is 1 if it does. */
    private static boolean rotates(ConfigFields f, int layer, int layers) {
        f.unused("no_rope_layer_interval");
        if (f.has("no_rope_layers")) {
            return f.perLayer("no_rope_layers", layers).get(layer) instanceof Number number && number.intValue() != 0;
        }
        return (layer + 1) % f.count("no_rope_layer_interval") != 0;
    }
}
