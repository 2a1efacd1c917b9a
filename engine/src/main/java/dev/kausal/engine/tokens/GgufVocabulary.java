package dev.kausal.engine.tokens;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The {@code tokenizer.ggml} keys of a GGUF file, with errors that name the key. */
final class GgufVocabulary {
    static final String MODEL = "tokenizer.ggml.model";
    static final String TOKENS = "tokenizer.ggml.tokens";
    static final String TYPES = "tokenizer.ggml.token_type";

    /** Type of a token, in the order of llama.cpp's numbers, which start at 0. */
    enum Type {
        UNDEFINED,
        NORMAL,
        UNKNOWN,
        CONTROL,
        USER_DEFINED,
        UNUSED,
        BYTE
    }

    private final Map<String, Object> metadata;
    private final String source;

    GgufVocabulary(Map<String, Object> metadata, String source) {
        this.metadata = metadata;
        this.source = source;
    }

    String source() {
        return source;
    }

    /** Returns raw tokens [id]. */
    List<String> tokens() {
        return list(TOKENS, String.class, "a list of strings");
    }

    /** Returns the tokens' types [id]; all normal if the file has none. */
    List<Type> types() {
        int count = tokens().size();
        if (!metadata.containsKey(TYPES)) {
            return Collections.nCopies(count, Type.NORMAL);
        }
        Type[] known = Type.values();
        return ofEachToken(TYPES, count).stream()
                .map(type -> type.intValue() >= 0 && type.intValue() < known.length
                        ? known[type.intValue()]
                        : Type.UNDEFINED)
                .toList();
    }

    /** Reads one number for each of {@code count} tokens. */
    List<Number> ofEachToken(String key, int count) {
        List<Number> numbers = list(key, Number.class, "a list of numbers");
        if (numbers.size() != count) {
            String expected = "as many entries as " + TOKENS + " (" + count + ")";
            throw new GgufTokenizerField(source, key, expected, String.valueOf(numbers.size()));
        }
        return numbers;
    }

    /**
     * Returns tokens of these types, which are matched in a text before it is split; control and unknown ones are
     * special.
     */
    static JsonArray addedTokens(List<String> texts, List<Type> types, Set<Type> wanted) {
        Set<Type> special = EnumSet.of(Type.CONTROL, Type.UNKNOWN);
        JsonArray added = new JsonArray();
        for (int id = 0; id < types.size(); id++) {
            if (wanted.contains(types.get(id)) && !texts.get(id).isEmpty()) {
                added.add(addedToken(id, texts.get(id), special.contains(types.get(id))));
            }
        }
        return added;
    }

    private static JsonObject addedToken(int id, String content, boolean special) {
        JsonObject token = new JsonObject();
        token.addProperty("id", id);
        token.addProperty("content", content);
        token.addProperty("single_word", false);
        token.addProperty("lstrip", false);
        token.addProperty("rstrip", false);
        token.addProperty("normalized", false);
        token.addProperty("special", special);
        return token;
    }

    /** Returns ids by text, as in a tokenizer.json. */
    static JsonObject ids(List<String> texts) {
        JsonObject ids = new JsonObject();
        for (int id = 0; id < texts.size(); id++) {
            ids.addProperty(texts.get(id), id);
        }
        return ids;
    }

    String string(String key, @Nullable String otherwise) {
        Object value = metadata.getOrDefault(key, otherwise);
        if (value instanceof String string) {
            return string;
        }
        throw new GgufTokenizerField(source, key, "a string", describe(value));
    }

    boolean flag(String key, boolean otherwise) {
        Object value = metadata.getOrDefault(key, otherwise);
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw new GgufTokenizerField(source, key, "true or false", describe(value));
    }

    /** Returns the token id in {@code key}; -1 if the file has no such key. */
    int tokenId(String key) {
        Object value = metadata.getOrDefault(key, -1L);
        int count = tokens().size();
        if (value instanceof Number number && number.longValue() >= -1 && number.longValue() < count) {
            return number.intValue();
        }
        throw new GgufTokenizerField(source, key, "a token id below " + count, describe(value));
    }

    /** Reads a non-empty list. */
    <T> List<T> list(String key, Class<T> of, String expected) {
        List<T> list = listOrEmpty(key, of, expected);
        if (list.isEmpty()) {
            throw new GgufTokenizerField(source, key, expected, describe(list));
        }
        return list;
    }

    @SuppressWarnings("unchecked") // every item is checked
    <T> List<T> listOrEmpty(String key, Class<T> of, String expected) {
        Object value = metadata.get(key);
        if (!(value instanceof List<?> list)) {
            throw new GgufTokenizerField(source, key, expected, describe(value));
        }
        for (int i = 0; i < list.size(); i++) {
            if (!of.isInstance(list.get(i))) {
                throw new GgufTokenizerField(source, key, expected, describe(list.get(i)) + " at index " + i);
            }
        }
        return (List<T>) list;
    }

    private static String describe(@Nullable Object value) {
        if (value == null) {
            return "nothing";
        }
        return value instanceof List<?> list
                ? "a list of " + list.size()
                : value.getClass().getSimpleName() + " " + value;
    }
}
