package dev.kausal.engine.requests;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.model.HookedModel;
import java.util.List;

/** Token embeddings. The answer is [token][width]. */
public record Embeddings(List<Integer> tokens) implements Request<float[][]> {
    @Override
    public float[][] of(HookedModel model) {
        return tokens.stream()
                .map(token -> {
                    try (NDArray row = model.weights().embed().get((long) token)) {
                        return row.toFloatArray();
                    }
                })
                .toArray(float[][]::new);
    }
}
