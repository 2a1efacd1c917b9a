package dev.kausal.engine.tokens;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Map;

/** Writes the tokenizer.json that a GGUF file's key-values describe. */
final class GgufTokenizerJson {
    private static final String MODEL = "tokenizer.ggml.model";
    private static final String PRE = "tokenizer.ggml.pre";
    private static final String TOKENS = "tokenizer.ggml.tokens";
    private static final String MERGES = "tokenizer.ggml.merges";
    private static final String TYPES = "tokenizer.ggml.token_type";
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;

    private final Map<String, Object> metadata;
    private final String source;

    GgufTokenizerJson(Map<String, Object> metadata, String source) {
        this.metadata = metadata;
        this.source = source;
    }

    JsonObject build() {
        String model = string(MODEL, null);
        if (!model.equals("gpt2")) {
            throw new GgufTokenizerUnsupported(source, MODEL, model, List.of("gpt2 (byte-level BPE)"));
        }
        String pre = string(PRE, "default");
        PreTokenizers.Kind kind = PreTokenizers.kind(pre);
        if (kind == null) {
            throw new GgufTokenizerUnsupported(source, PRE, pre, PreTokenizers.names());
        }
        List<?> tokens = list(TOKENS, String.class, "a list of strings");
        JsonObject root = new JsonObject();
        root.addProperty("version", "1.0");
        root.add("truncation", JsonNull.INSTANCE);
        root.add("padding", JsonNull.INSTANCE);
        root.add("added_tokens", addedTokens(tokens));
        root.add("normalizer", PreTokenizers.normalizer(kind));
        root.add("pre_tokenizer", PreTokenizers.preTokenizer(kind));
        root.add("post_processor", JsonNull.INSTANCE);
        root.add("decoder", PreTokenizers.byteLevel(true));
        root.add("model", model(tokens, PreTokenizers.ignoresMerges(kind)));
        return root;
    }

    private JsonObject model(List<?> tokens, boolean ignoreMerges) {
        JsonObject vocab = new JsonObject();
        for (int id = 0; id < tokens.size(); id++) {
            vocab.addProperty((String) tokens.get(id), id);
        }
        JsonArray merges = new JsonArray();
        for (Object merge : list(MERGES, String.class, "a list of strings")) {
            merges.add((String) merge);
        }
        JsonObject model = new JsonObject();
        model.addProperty("type", "BPE");
        model.addProperty("fuse_unk", false);
        model.addProperty("byte_fallback", false);
        model.addProperty("ignore_merges", ignoreMerges);
        model.add("vocab", vocab);
        model.add("merges", merges);
        return model;
    }

    private JsonArray addedTokens(List<?> tokens) {
        JsonArray added = new JsonArray();
        if (!metadata.containsKey(TYPES)) {
            return added;
        }
        List<?> types = list(TYPES, Number.class, "a list of numbers");
        if (types.size() != tokens.size()) {
            String expected = "as many entries as " + TOKENS + " (" + tokens.size() + ")";
            throw new GgufTokenizerField(source, TYPES, expected, String.valueOf(types.size()));
        }
        for (int id = 0; id < types.size(); id++) {
            int type = ((Number) types.get(id)).intValue();
            if (type == CONTROL || type == USER_DEFINED) {
                added.add(addedToken(id, (String) tokens.get(id), type == CONTROL));
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

    private String string(String key, String otherwise) {
        Object value = metadata.getOrDefault(key, otherwise);
        if (value instanceof String string) {
            return string;
        }
        throw new GgufTokenizerField(source, key, "a string", describe(value));
    }

    private List<?> list(String key, Class<?> of, String expected) {
        Object value = metadata.get(key);
        if (!(value instanceof List<?> list) || list.isEmpty() && !key.equals(MERGES)) {
            throw new GgufTokenizerField(source, key, expected, describe(value));
        }
        for (int i = 0; i < list.size(); i++) {
            if (!of.isInstance(list.get(i))) {
                throw new GgufTokenizerField(source, key, expected, describe(list.get(i)) + " at index " + i);
            }
        }
        return list;
    }

    private static String describe(Object value) {
        if (value == null) {
            return "nothing";
        }
        return value instanceof List<?> list
                ? "a list of " + list.size()
                : value.getClass().getSimpleName() + " " + value;
    }
}
