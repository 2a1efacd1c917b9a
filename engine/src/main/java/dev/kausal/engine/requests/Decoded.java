package dev.kausal.engine.requests;

import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tokens.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Texts of tokens that follow a prompt, including a leading blank. Tokens that the vocabulary lacks, or a model without a
 * tokenizer, have their number.
 *
 * @param texts prompts with the tokens after them
 */
public record Decoded(List<Decoded.Text> texts) implements Request<List<String>> {
    /** Tokens after a prompt. */
    public record Text(List<Integer> prompt, List<Integer> tokens) {}

    public Decoded {
        texts = List.copyOf(texts);
    }

    @Override
    public List<String> of(HookedModel model) {
        return texts.stream()
                .map(text -> model.tokenizer()
                        .map(tokenizer -> decoded(tokenizer, text))
                        .orElseGet(() -> numbered(text)))
                .toList();
    }

    private static String numbered(Text text) {
        return text.tokens().stream().map(token -> " #" + token).collect(Collectors.joining());
    }

    /** Decodes prompt and tokens together: alone, the tokens might lose their first blank. */
    private static String decoded(Tokenizer tokenizer, Text text) {
        int[] tokens = ints(text.tokens());
        if (!Arrays.stream(tokens).allMatch(tokenizer::has)) {
            return text.tokens().stream().map(tokenizer::named).collect(Collectors.joining());
        }
        int[] prompt = ints(text.prompt());
        String before = tokenizer.decode(prompt);
        int[] both =
                IntStream.concat(Arrays.stream(prompt), Arrays.stream(tokens)).toArray();
        String whole = tokenizer.decode(both);
        // A character of several tokens may begin in the prompt.
        return whole.startsWith(before) ? whole.substring(before.length()) : tokenizer.decode(tokens);
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
