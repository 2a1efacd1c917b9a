package dev.kausal.engine.tokens;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tokens of a tokenizer.json that represent no text: markers such as {@code <|endoftext|>}, and the unknown
 * token.
 */
final class SpecialTokens {
    private SpecialTokens() {}

    /**
     * Returns the ids of added tokens that the file marks as special, and of the unknown token of {@code vocabulary}
     * [id].
     */
    static Set<Integer> read(JsonObject description, @Nullable String[] vocabulary) {
        Set<Integer> special = new HashSet<>();
        if (description.get("added_tokens") instanceof JsonArray added) {
            for (JsonElement token : added) {
                JsonElement marked = token.getAsJsonObject().get("special");
                if (marked != null && marked.isJsonPrimitive() && marked.getAsBoolean()) {
                    special.add(token.getAsJsonObject().get("id").getAsInt());
                }
            }
        }
        JsonObject model = description.getAsJsonObject("model");
        JsonElement unknown = model.get("unk_token");
        if (unknown != null && unknown.isJsonPrimitive()) {
            for (int id = 0; id < vocabulary.length; id++) {
                if (unknown.getAsString().equals(vocabulary[id])) {
                    special.add(id);
                }
            }
        }
        JsonElement numbered = model.get("unk_id");
        if (numbered != null && numbered.isJsonPrimitive()) {
            special.add(numbered.getAsInt());
        }
        return Set.copyOf(special);
    }
}
