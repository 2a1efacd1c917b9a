package dev.kausal.engine.tokens;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Regular expressions of a tokenizer.json that may run in this process. The native library ends its process if one
 * backtracks too much, so a tokenizer with unlisted ones runs in a {@link ChildProcess}.
 */
final class KnownRules {
    private static final Set<String> PATTERNS = Set.of(
            // GPT-2 and its successors.
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            // CLIP.
            "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
            // Digits, blanks and line ends, used by DeepSeek, Falcon, DeBERTa, T5 and others.
            "\\p{N}",
            "\\p{N}{1,3}",
            "[0-9]",
            "[0-9][0-9][0-9]",
            "\\d",
            "\\d{1,3}",
            " {2,}",
            "\\s+",
            "\\s",
            "\\n",
            "\n",
            "[\\n\\r\\t]",
            "[\\r\\n]",
            " ");

    private KnownRules() {}

    /** Returns whether all rules of {@code description} are known. */
    static boolean all(JsonObject description) {
        return Stream.of("normalizer", "pre_tokenizer", "decoder")
                .map(description::get)
                .allMatch(part -> part == null || patternsKnown(part));
    }

    private static boolean patternsKnown(JsonElement element) {
        if (element.isJsonArray()) {
            return items(element).allMatch(KnownRules::patternsKnown);
        }
        if (!element.isJsonObject()) {
            return true;
        }
        for (Map.Entry<String, JsonElement> field : element.getAsJsonObject().entrySet()) {
            boolean regex = field.getKey().equals("Regex");
            if ((regex && !known(field.getValue())) || !patternsKnown(field.getValue())) {
                return false;
            }
        }
        return true;
    }

    private static boolean known(JsonElement pattern) {
        return pattern.isJsonPrimitive()
                && (PATTERNS.contains(pattern.getAsString()) || PreTokenizers.cuts(pattern.getAsString()));
    }

    private static Stream<JsonElement> items(JsonElement array) {
        return StreamSupport.stream(array.getAsJsonArray().spliterator(), false);
    }
}
