package dev.kausal.engine.tokens;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * What a tokenizer.json may hold so that the native library reads it without a panic: a panic there ends the process, and no
 * Java handler can catch it.
 */
final class NativeLimits {
    /** serde_json refuses 128 and panics inside some parts; real files stay below 10. */
    private static final int DEEPEST = 100;

    /** How many times as long the replacements of a tokenizer may make a text; real ones make it 3 times as long. */
    private static final double MOST_GROWTH = 1000;

    /** Characters of a number that a message shows. */
    private static final int SHOWN = 40;

    private NativeLimits() {}

    /** Something that the library could not read, and the fields and indices that lead to it. */
    private record Found(String what, String path) {
        Found under(String step) {
            return new Found(what, step + path);
        }

        String text() {
            return what + " at " + (path.startsWith(".") ? path.substring(1) : path);
        }
    }

    /** Returns what the library could not read or finish; empty if nothing is wrong. */
    static Optional<String> violation(JsonObject description) {
        Optional<Found> unreadable = found(description, 0);
        if (unreadable.isPresent()) {
            return unreadable.map(Found::text);
        }
        return Stream.of("normalizer", "pre_tokenizer", "decoder")
                .filter(part -> description.has(part) && growth(description.get(part)) > MOST_GROWTH)
                .map(part -> "replacements that make a text more than 1000 times as long at " + part)
                .findFirst();
    }

    /** Vocabularies have 100,000 entries and more, so that paths are made only on the way back from a finding. */
    private static Optional<Found> found(JsonElement element, int depth) {
        if (depth > DEEPEST) {
            return Optional.of(new Found("brackets nested more than " + DEEPEST + " deep", ""));
        }
        if (element.isJsonPrimitive()) {
            return number(element.getAsJsonPrimitive());
        }
        if (element.isJsonArray()) {
            int index = 0;
            for (JsonElement item : element.getAsJsonArray()) {
                Optional<Found> found = found(item, depth + 1);
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

    private static Optional<Found> inside(JsonObject object, int depth) {
        for (Map.Entry<String, JsonElement> field : object.entrySet()) {
            Optional<Found> found = found(field.getValue(), depth + 1);
            if (found.isPresent()) {
                return found.map(below -> below.under("." + field.getKey()));
            }
        }
        JsonElement type = object.get("type");
        boolean precompiled =
                type != null && type.isJsonPrimitive() && type.getAsString().equals("Precompiled");
        return precompiled
                ? CharacterMap.violation(object.get("precompiled_charsmap")).map(what -> new Found(what, ""))
                : Optional.empty();
    }

    private static Optional<Found> number(JsonPrimitive value) {
        if (!value.isNumber()) {
            return Optional.empty();
        }
        String text = value.getAsString();
        try {
            if (Double.isFinite(Double.parseDouble(text))) {
                return Optional.empty();
            }
        } catch (NumberFormatException e) {
            // Refused below, in the same words.
        }
        return Optional.of(new Found("the number " + shown(text), ""));
    }

    private static String shown(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }

    /** How many times as long all replacements together can make a text. */
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
