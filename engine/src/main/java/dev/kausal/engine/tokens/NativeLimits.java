package dev.kausal.engine.tokens;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
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

    private NativeLimits() {}

    /** Returns what the library could not read or finish; empty if nothing is wrong. */
    static Optional<String> violation(JsonObject description) {
        Optional<String> unreadable = violation(description, "", 0);
        if (unreadable.isPresent()) {
            return unreadable;
        }
        return Stream.of("normalizer", "pre_tokenizer", "decoder")
                .filter(part -> description.has(part) && growth(description.get(part)) > MOST_GROWTH)
                .map(part -> "replacements that make a text more than 1000 times as long at " + part)
                .findFirst();
    }

    private static Optional<String> violation(JsonElement element, String path, int depth) {
        if (depth > DEEPEST) {
            return Optional.of("brackets nested more than " + DEEPEST + " deep at " + path);
        }
        if (element.isJsonPrimitive()) {
            return number(element.getAsJsonPrimitive(), path);
        }
        if (element.isJsonArray()) {
            int index = 0;
            for (JsonElement item : element.getAsJsonArray()) {
                Optional<String> found = violation(item, path + "[" + index++ + "]", depth + 1);
                if (found.isPresent()) {
                    return found;
                }
            }
            return Optional.empty();
        }
        return element.isJsonObject() ? inside(element.getAsJsonObject(), path, depth) : Optional.empty();
    }

    private static Optional<String> inside(JsonObject object, String path, int depth) {
        for (Map.Entry<String, JsonElement> field : object.entrySet()) {
            String at = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
            Optional<String> found = violation(field.getValue(), at, depth + 1);
            if (found.isPresent()) {
                return found;
            }
        }
        JsonElement type = object.get("type");
        boolean precompiled =
                type != null && type.isJsonPrimitive() && type.getAsString().equals("Precompiled");
        return precompiled
                ? CharacterMap.violation(object.get("precompiled_charsmap")).map(found -> found + " at " + path)
                : Optional.empty();
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

    private static Optional<String> number(JsonPrimitive value, String path) {
        if (!value.isNumber()) {
            return Optional.empty();
        }
        String text = value.getAsString();
        try {
            return Double.isFinite(new BigDecimal(text).doubleValue())
                    ? Optional.empty()
                    : Optional.of("the number " + shown(text) + " at " + path);
        } catch (NumberFormatException e) {
            return Optional.of("the number " + shown(text) + " at " + path);
        }
    }

    private static String shown(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }
}
