package dev.kausal.engine.tokens;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** GGUF key-values of a byte-level BPE small enough to read: one control token, one user token, 256 bytes, merges. */
final class TinyBpe {
    static final String CONTROL = "<|im_start|>";
    static final String USER = "<user word>";
    private static final List<String> MERGES = List.of(
            "P a", "r i", "Pa ri", "Pari s", "Ġ Paris", "Ġ Ġ", "R o", "m e", "Ro me", "Ġ Rome", "1 2", "Ġ t", "h e",
            "Ġt he");

    private TinyBpe() {}

    static Map<String, Object> metadata() {
        List<String> tokens = new ArrayList<>(List.of(CONTROL, USER));
        List<Long> types = new ArrayList<>(List.of(3L, 4L));
        for (int value = 0; value < 256; value++) {
            tokens.add(letterOf(value));
        }
        MERGES.forEach(merge -> tokens.add(merge.replace(" ", "")));
        while (types.size() < tokens.size()) {
            types.add(1L);
        }
        Map<String, Object> metadata = new HashMap<>();
        metadata.put("tokenizer.ggml.model", "gpt2");
        metadata.put("tokenizer.ggml.pre", "smollm");
        metadata.put("tokenizer.ggml.tokens", tokens);
        metadata.put("tokenizer.ggml.token_type", types);
        metadata.put("tokenizer.ggml.merges", MERGES);
        return metadata;
    }

    static int id(String rawToken) {
        return ((List<?>) metadata().get("tokenizer.ggml.tokens")).indexOf(rawToken);
    }

    // GPT-2's alphabet: printable Latin-1 bytes stand for themselves, the others for U+0100 onwards, in order.
    private static String letterOf(int value) {
        int others = 0;
        for (int b = 0; b < value; b++) {
            others += printable(b) ? 0 : 1;
        }
        return Character.toString(printable(value) ? value : 0x100 + others);
    }

    private static boolean printable(int b) {
        return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || (b >= 0xAE && b <= 0xFF);
    }
}
