package dev.kausal.engine.tokens;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The raw tokens of a tokenizer.json, by id. */
final class Vocabulary {
    private static final int MOST_IDS = 1 << 24;

    private Vocabulary() {}

    /** Returns raw tokens [id]; null if no token has the id. */
    static @Nullable String[] read(JsonObject description, String source) {
        Map<Integer, String> tokens = new HashMap<>();
        try {
            addModel(description.getAsJsonObject("model").get("vocab"), tokens);
            JsonElement added = description.get("added_tokens");
            if (added != null && added.isJsonArray()) {
                for (JsonElement token : added.getAsJsonArray()) {
                    JsonObject object = token.getAsJsonObject();
                    tokens.put(
                            object.get("id").getAsInt(), object.get("content").getAsString());
                }
            }
        } catch (RuntimeException e) {
            throw new TokenizerDamaged(source, "no readable vocabulary (model.vocab, added_tokens)", e);
        }
        return byId(tokens, source);
    }

    private static void addModel(JsonElement vocab, Map<Integer, String> tokens) {
        if (vocab.isJsonArray()) {
            JsonArray pieces = vocab.getAsJsonArray();
            for (int id = 0; id < pieces.size(); id++) {
                tokens.put(id, pieces.get(id).getAsJsonArray().get(0).getAsString());
            }
            return;
        }
        vocab.getAsJsonObject().entrySet().forEach(e -> tokens.put(e.getValue().getAsInt(), e.getKey()));
    }

    private static @Nullable String[] byId(Map<Integer, String> tokens, String source) {
        int last = -1;
        for (int id : tokens.keySet()) {
            if (id < 0 || id >= MOST_IDS) {
                throw new TokenizerDamaged(source, "the token id " + id + " in its vocabulary", null);
            }
            last = Math.max(last, id);
        }
        @Nullable String[] byId = new String[last + 1];
        tokens.forEach((id, token) -> byId[id] = token);
        return byId;
    }
}
