package dev.kausal.engine.features;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import dev.kausal.engine.files.SmallFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The fields of a JSON file of settings. */
final class Settings {
    private final Path file;
    private final Map<String, Object> values;

    Settings(Path file, Map<String, Object> values) {
        this.file = file;
        this.values = values;
    }

    /** Reads a file with one JSON object. */
    static Settings json(Path file) {
        try {
            Map<String, Object> values = new Gson()
                    .fromJson(
                            SmallFiles.text(file, SmallFiles.CONFIG),
                            new TypeToken<Map<String, Object>>() {}.getType());
            if (values == null) {
                throw new DictionarySettingException(file, "settings", "a JSON object", "an empty file");
            }
            return new Settings(file, values);
        } catch (JsonParseException e) {
            throw new DictionarySettingException(file, "settings", "a JSON object", "" + e.getMessage());
        } catch (IOException e) {
            throw new DictionarySettingException(file, "settings", "a readable file", "none");
        }
    }

    Path file() {
        return file;
    }

    boolean has(String field) {
        return values.get(field) != null;
    }

    @Nullable
    Object raw(String field) {
        return values.get(field);
    }

    Optional<String> text(String field) {
        Object value = values.get(field);
        if (value == null) {
            return Optional.empty();
        }
        if (value instanceof String text) {
            return Optional.of(text);
        }
        throw new DictionarySettingException(file, field, "a text", "" + value);
    }

    boolean flag(String field, boolean otherwise) {
        Object value = values.get(field);
        if (value == null) {
            return otherwise;
        }
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw new DictionarySettingException(file, field, "true or false", "" + value);
    }

    OptionalInt count(String field) {
        Object value = values.get(field);
        if (value == null) {
            return OptionalInt.empty();
        }
        if (value instanceof Number number
                && number.doubleValue() == Math.rint(number.doubleValue())
                && number.doubleValue() >= 1
                && number.doubleValue() <= Integer.MAX_VALUE) {
            return OptionalInt.of(number.intValue());
        }
        throw new DictionarySettingException(file, field, "a whole number of at least 1", "" + value);
    }

    /** Returns an object inside this one; an empty one if there is none. */
    Settings inner(String field) {
        Map<String, Object> inner = new LinkedHashMap<>();
        if (values.get(field) instanceof Map<?, ?> map) {
            map.forEach((key, value) -> inner.put(String.valueOf(key), value));
        }
        return new Settings(file, inner);
    }

    /** Returns these fields, and those of {@code others} that are not among them. */
    Settings over(Settings others) {
        Map<String, Object> joined = new LinkedHashMap<>(others.values);
        values.forEach((key, value) -> {
            if (value != null) {
                joined.put(key, value);
            }
        });
        return new Settings(file, joined);
    }
}
