package dev.kausal.engine.requests;

import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tokens.Tokenizer;
import java.util.List;

/**
 * The tokenizer's display names of tokens.
 */
public record TokenNames(List<Integer> tokens) implements Request<List<String>> {
    @Override
    public List<String> of(HookedModel model) {
        Tokenizer tokenizer = model.tokenizer().orElseThrow();
        return tokens.stream().map(tokenizer::named).toList();
    }
}
