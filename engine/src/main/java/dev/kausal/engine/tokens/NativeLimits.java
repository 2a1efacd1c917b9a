package dev.kausal.engine.tokens;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;

/**
 * What a tokenizer.json may hold so that the native library reads it without a panic: a panic there ends the process, and no
 * Java handler can catch it.
 */
final class NativeLimits {
    /** serde_json refuses 128 and panics inside some parts; real files stay below 10. */
    private static final int DEEPEST = 100;

    private NativeLimits() {}

    /** Returns what the library could not read; empty if nothing is wrong. */
    static Optional<String> violation(JsonObject description) {
        return violation(description, "", 0);
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
