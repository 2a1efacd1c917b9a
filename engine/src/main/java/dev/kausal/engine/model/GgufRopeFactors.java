package dev.kausal.engine.model;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.GgufRotary;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.RotaryConfig;
import dev.kausal.engine.family.WeightMismatchException;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.WeightStore;
import java.util.List;

/** Frequency factors of rotation that llama.cpp stores as a tensor, for Llama 3.1's scaling and LongRoPE. */
final class GgufRopeFactors {
    private GgufRopeFactors() {}

    /** Returns a config with the factors that the file has, if any. */
    static ModelConfig applied(ModelConfig config, WeightStore store) {
        for (String name : List.of("rope_freqs.weight", "rope_factors_short.weight")) {
            if (store.tensors().containsKey(name)) {
                return applied(config, store, name);
            }
        }
        if (GgufRotary.scalesByTensor(store.metadata())) {
            throw new WeightMismatchException(
                    "The metadata has rope.scaling.type 'longrope', but the file lacks its factors, the"
                            + " tensor 'rope_factors_short.weight'. Convert the model again: without them every"
                            + " position would be rotated differently from training.");
        }
        return config;
    }

    private static ModelConfig applied(ModelConfig config, WeightStore store, String name) {
        try (NDManager manager = Torch.manager()) {
            float[] factors = store.read(name, manager).toFloatArray();
            RotaryConfig plain = config.attention().rotary().get(0);
            if (factors.length != plain.frequencies().length) {
                throw new WeightMismatchException("Tensor '" + name + "' has " + factors.length
                        + " factors, but the config needs " + plain.frequencies().length
                        + ". Config and weights do not match: fetch both from one source.");
            }
            return config.with(config.attention().withRotary(plain.divided(factors)));
        }
    }
}
