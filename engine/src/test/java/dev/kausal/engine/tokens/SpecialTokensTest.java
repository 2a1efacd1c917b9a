package dev.kausal.engine.tokens;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonParser;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SpecialTokensTest {
    private static Set<Integer> special(String json, String... vocabulary) {
        return SpecialTokens.read(JsonParser.parseString(json).getAsJsonObject(), vocabulary);
    }

    @Test
    void addedTokensThatAreMarkedAndTheUnknownOne() {
        String json = """
                {"added_tokens": [
                    {"id": 0, "content": "<|endoftext|>", "special": true},
                    {"id": 3, "content": "    ", "special": false},
                    {"id": 4, "content": "<s>"}],
                 "model": {"type": "BPE", "unk_token": "<unk>"}}""";
        assertEquals(Set.of(0, 2), special(json, "<|endoftext|>", "a", "<unk>", "    ", "<s>"));
    }

    @Test
    void anUnknownTokenByNumberAndNone() {
        assertEquals(Set.of(1), special("{\"model\": {\"type\": \"Unigram\", \"unk_id\": 1}}", "a", "b"));
        assertEquals(Set.of(), special("{\"added_tokens\": null, \"model\": {\"unk_token\": null}}", "a", "b"));
    }
}
