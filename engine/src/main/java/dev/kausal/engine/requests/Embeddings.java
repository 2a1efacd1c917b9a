package dev.kausal.engine.requests;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.analysis.AnalysisRangeException;
import dev.kausal.engine.analysis.AnalysisUndefinedException;
import dev.kausal.engine.model.HookedModel;
import java.util.List;

/**
 * Token embeddings. The answer is [token][width]; ids beyond the vocabulary throw an {@link AnalysisRangeException}.
 */
public record Embeddings(List<Integer> tokens) implements Request<float[][]> {
    @Override
    public float[][] of(HookedModel model) {
        AnalysisUndefinedException.requireTokens("An embedding of tokens", model.config());
        int vocabulary = model.config().vocabulary();
        tokens.forEach(token -> AnalysisRangeException.check("The id of an embedded token", token, 0, vocabulary));
        return tokens.stream()
                .map(token -> {
                    try (NDArray row = model.weights().embed().get((long) token)) {
                        return row.toFloatArray();
                    }
                })
                .toArray(float[][]::new);
    }
}
