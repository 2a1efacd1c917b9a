package dev.kausal.engine.requests;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.analysis.AnalysisRangeException;
import dev.kausal.engine.analysis.AnalysisUndefinedException;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Scope;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Token embeddings. The answer is [token][width]; ids beyond the vocabulary throw an {@link AnalysisRangeException}.
 */
public record Embeddings(List<Integer> tokens) implements Request<float[][]> {
    @Override
    public float[][] of(HookedModel model) {
        AnalysisUndefinedException.requireTokens("An embedding of tokens", model.config());
        int vocabulary = model.config().vocabulary();
        tokens.forEach(token -> AnalysisRangeException.check("The id of an embedded token", token, 0, vocabulary));
        int[] rows = tokens.stream().mapToInt(Integer::intValue).toArray();
        try (Scope scope = model.device().scope()) {
            NDArray found = model.weights().rows(Parameter.EMBED, rows, scope.manager());
            return IntStream.range(0, rows.length)
                    .mapToObj(row -> found.get((long) row).toFloatArray())
                    .toArray(float[][]::new);
        }
    }
}
