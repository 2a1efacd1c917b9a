package dev.kausal.engine.requests;

import dev.kausal.engine.analysis.AnalysisRangeException;
import dev.kausal.engine.analysis.AnalysisUndefinedException;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tokens.Tokenizer;
import java.util.List;

/**
 * The tokenizer's display names of tokens; ids beyond the model's vocabulary throw an {@link AnalysisRangeException}.
 */
public record TokenNames(List<Integer> tokens) implements Request<List<String>> {
    @Override
    public List<String> of(HookedModel model) {
        Tokenizer tokenizer =
                model.tokenizer().orElseThrow(() -> AnalysisUndefinedException.noTokenizer(model.config()));
        int vocabulary = model.config().vocabulary();
        tokens.forEach(token -> AnalysisRangeException.check("The id of a named token", token, 0, vocabulary));
        return tokens.stream().map(tokenizer::named).toList();
    }
}
