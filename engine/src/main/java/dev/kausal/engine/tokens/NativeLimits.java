package dev.kausal.engine.tokens;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Limits on a tokenizer.json so that the native library reads it without a panic: a panic ends the process, and no Java
 * handler can catch it.
 */
final class NativeLimits {
    /** serde_json refuses 128 and panics inside some parts; real files stay below 10. */
    private static final int DEEPEST = 100;

    /** Maximum growth of a text by the tokenizer's replacements; real tokenizers reach 3. */
    private static final double MOST_GROWTH = 1000;

    /** Number of characters of a number shown in messages. */
    private static final int SHOWN = 40;

    private NativeLimits() {}

    /** Something that the library cannot read, and its path of fields and indices. */
    private record Violation(String what, String path) {
        Violation under(String step) {
            return new Violation(what, step + path);
        }

        String text() {
            return what + " at " + (path.startsWith(".") ? path.substring(1) : path);
        }
    }

    /** Describes what the library could not read or finish; empty if nothing. */
    static Optional<String> violation(JsonObject description) {
        Optional<Violation> unreadable = search(description, 0);
        if (unreadable.isPresent()) {
            return unreadable.map(Violation::text);
        }
        return Stream.of("normalizer", "pre_tokenizer", "decoder")
                .filter(part -> description.has(part) && growth(description.get(part)) > MOST_GROWTH)
                .map(part -> "replacements that make a text more than 1000 times as long at " + part)
                .findFirst();
    }

    /**
     * Searches for a violation. Vocabularies have 100,000 entries or more, so paths are built only on the way back from
     * a finding.
     */
    private static Optional<Violation> search(JsonElement element, int depth) {
        if (depth > DEEPEST) {
            return Optional.of(new Violation("brackets nested more than " + DEEPEST + " deep", ""));
        }
        if (element.isJsonPrimitive()) {
            return number(element.getAsJsonPrimitive());
        }
        if (element.isJsonArray()) {
            int index = 0;
            for (JsonElement item : element.getAsJsonArray()) {
                Optional<Violation> found = search(item, depth + 1);
                if (found.isPresent()) {
                    String step = "[" + index + "]";
                    return found.map(below -> below.under(step));
                }
                index++;
            }
            return Optional.empty();
        }
        return element.isJsonObject() ? inside(element.getAsJsonObject(), depth) : Optional.empty();
    }

    private static Optional<Violation> inside(JsonObject object, int depth) {
        for (Map.Entry<String, JsonElement> field : object.entrySet()) {
            Optional<Violation> found = search(field.getValue(), depth + 1);
            if (found.isPresent()) {
                return found.map(below -> below.under("." + field.getKey()));
            }
        }
        JsonElement type = object.get("type");
        boolean precompiled =
                type != null && type.isJsonPrimitive() && type.getAsString().equals("Precompiled");
        return precompiled
                ? CharacterMap.violation(object.get("precompiled_charsmap")).map(what -> new Violation(what, ""))
                : Optional.empty();
    }

    private static Optional<Violation> number(JsonPrimitive value) {
        if (!value.isNumber()) {
            return Optional.empty();
        }
        String text = value.getAsString();
        try {
            if (Double.isFinite(Double.parseDouble(text))) {
                return Optional.empty();
            }
        } catch (NumberFormatException e) {
            // Refused below, with the same message.
        }
        return Optional.of(new Violation("the number " + shown(text), ""));
    }

    private static String shown(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }

    /** Returns the maximum growth of a text by all replacements together. */
    private static double growth(JsonElement element) {
        if (element.isJsonArray()) {
            return StreamSupport.stream(element.getAsJsonArray().spliterator(), false)
                    .mapToDouble(NativeLimits::growth)
                    .reduce(1, (a, b) -> a * b);
        }
        if (!element.isJsonObject()) {
            return 1;
        }
        JsonObject object = element.getAsJsonObject();
        double inside = object.entrySet().stream()
                .mapToDouble(field -> growth(field.getValue()))
                .reduce(1, (a, b) -> a * b);
        JsonElement content = object.get("content");
        boolean replaces = object.has("pattern") && content != null && content.isJsonPrimitive();
        return replaces ? inside * Math.max(1, content.getAsString().length()) : inside;
    }
}
