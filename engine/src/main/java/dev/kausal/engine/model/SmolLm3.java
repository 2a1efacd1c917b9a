package dev.kausal.engine.model;

import java.util.List;
import java.util.stream.IntStream;

/** SmolLM3 (2025): Llama with layers that do not rotate. */
final class SmolLm3 {
    static final Family FAMILY =
            Family.of("smollm3", SmolLm3::json, LlamaLike.table(LlamaLike.NORMS, LlamaLike.ATTENTION, LlamaLike.MLP));

    private SmolLm3() {}

    private static ModelConfig json(ConfigFields f) {
        Qwen2.refuseWindows(f);
        ModelConfig config = LlamaLike.rotating("smollm3", f);
        List<RotaryShape> turning = config.attention().rotary();
        List<RotaryShape> rotary = IntStream.range(0, config.layers())
                .mapToObj(layer -> rotates(f, layer, config.layers()) ? turning.get(layer) : RotaryShape.NONE)
                .toList();
        return config.with(config.attention().withRotary(rotary));
    }

    /** Despite its name, the field has 1 where a layer rotates. */
    private static boolean rotates(ConfigFields f, int layer, int layers) {
        if (f.has("no_rope_layers")) {
            return f.perLayer("no_rope_layers", layers).get(layer) instanceof Number number && number.intValue() != 0;
        }
        return (layer + 1) % f.count("no_rope_layer_interval", 4) != 0;
    }
}
