package dev.kausal.engine.tokens;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.Gson;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Compares each cut with llama.cpp's own ids; {@code bench/make_pre_tokenizers.py} wrote them. */
class PreTokenizersTest {
    private static final Path GGUF = Path.of("models", "tiny.gguf");
    private static final Cases CASES = read();

    private record Cut(List<String> names, List<int[]> ids) {}

    private record Cases(List<String> tokens, List<String> merges, List<String> texts, List<Cut> cuts) {}

    private static Cases read() {
        try (InputStream in = PreTokenizersTest.class.getResourceAsStream("/tokens/pre-tokenizers.json")) {
            return new Gson().fromJson(new InputStreamReader(in, StandardCharsets.UTF_8), Cases.class);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Tokenizer tokenizer(String name) {
        Map<String, Object> metadata = new HashMap<>();
        metadata.put("tokenizer.ggml.model", "gpt2");
        metadata.put("tokenizer.ggml.pre", name);
        metadata.put("tokenizer.ggml.tokens", CASES.tokens());
        metadata.put(
                "tokenizer.ggml.token_type", Collections.nCopies(CASES.tokens().size(), 1L));
        metadata.put("tokenizer.ggml.merges", CASES.merges());
        return Tokenizers.fromGguf(metadata, GGUF);
    }

    @TestFactory
    List<DynamicTest> everyNameCutsAsLlamaCppDoes() {
        return CASES.cuts().stream()
                .flatMap(cut ->
                        cut.names().stream().map(name -> DynamicTest.dynamicTest(name, () -> compare(name, cut))))
                .toList();
    }

    /**
     * llama.cpp's expressions for some names are not those of the original tokenizer.json, which is what models were
     * trained with: letters there take their combining marks along, and blanks beyond ASCII are blanks.
     */
    private static boolean cutOtherwise(String name, String text) {
        return switch (name) {
            case "tekken", "gpt-4o", "llama4" ->
                text.codePoints()
                        .anyMatch(c -> Character.getType(c) == Character.NON_SPACING_MARK
                                || Character.getType(c) == Character.COMBINING_SPACING_MARK);
            case "deepseek-coder" -> text.codePoints().anyMatch(c -> c > 0x7f && Character.isSpaceChar(c));
            default -> false;
        };
    }

    private static void compare(String name, Cut cut) {
        try (Tokenizer tokenizer = tokenizer(name)) {
            for (int i = 0; i < CASES.texts().size(); i++) {
                String text = CASES.texts().get(i);
                if (cutOtherwise(name, text)) {
                    continue;
                }
                assertEquals(
                        Arrays.toString(cut.ids().get(i)),
                        Arrays.toString(tokenizer.encode(text).ids()),
                        text);
            }
        }
    }

    @Test
    void everyNameThatIsReadIsCompared() {
        TreeSet<String> compared = new TreeSet<>(List.of("default", "gpt2"));
        CASES.cuts().forEach(cut -> compared.addAll(cut.names()));
        assertEquals(new TreeSet<>(PreTokenizers.names()), compared);
    }

    @Test
    void accentsAreComposedForQwen2Alone() {
        String apart = "cafe\u0301";
        try (Tokenizer qwen = tokenizer("qwen2");
                Tokenizer stableLm = tokenizer("stablelm2")) {
            String composed = Normalizer.normalize(apart, Normalizer.Form.NFC);
            assertEquals(
                    Arrays.toString(qwen.encode(composed).ids()),
                    Arrays.toString(qwen.encode(apart).ids()));
            assertEquals(apart, stableLm.decode(stableLm.encode(apart).ids()));
        }
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        GgufTokenizerUnsupported refused = assertThrows(GgufTokenizerUnsupported.class, () -> tokenizer("kimi-k2"));
        assertEquals("tokenizer.ggml.pre", refused.field());
    }
}
