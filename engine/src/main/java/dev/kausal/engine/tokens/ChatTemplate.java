package dev.kausal.engine.tokens;

import java.util.Map;

/**
 * A model's template of a dialogue, in the language of Jinja, as its tokenizer's files have it: not run here.
 *
 * @param source the template
 * @param tokens texts of special tokens by the names under which it knows them, such as {@code bos_token}
 */
public record ChatTemplate(String source, Map<String, String> tokens) {
    public ChatTemplate {
        tokens = Map.copyOf(tokens);
    }
}
