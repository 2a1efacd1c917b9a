package dev.kausal.engine.tokens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** SentencePiece and WordPiece of GGUF files, against the ids that bench/make_tokenizer_cases.py had of the references. */
class GgufTokenizersTest {
    static {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    private static final Path GGUF = Path.of("models", "tiny.gguf");

    private static JsonObject written(String file, String vocabulary) {
        try {
            String text = Files.readString(Path.of("src/test/resources/tokens", file + ".json"));
            return JsonParser.parseString(text).getAsJsonObject().getAsJsonObject(vocabulary);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Map<String, Object> metadata(String file, String vocabulary) {
        return new Gson()
                .fromJson(written(file, vocabulary).get("metadata"), new TypeToken<Map<String, Object>>() {}.getType());
    }

    private static Tokenizer open(String vocabulary) {
        return Tokenizers.fromGguf(metadata("sentencepiece", vocabulary), GGUF);
    }

    private static List<String> pieces(Encoding encoding) {
        List<String> pieces = new ArrayList<>();
        for (int i = 0; i < encoding.length(); i++) {
            pieces.add(encoding.text().substring(encoding.starts()[i], encoding.ends()[i]));
        }
        return pieces;
    }

    @ParameterizedTest
    @CsvSource({
        "sentencepiece, prefixed, 52",
        "sentencepiece, plain, 58",
        "sentencepiece, unknown, 52",
        "wordpiece, uncased, 47",
        "wordpiece, cased, 47"
    })
    void idsAndTextsAreTheReferences(String file, String vocabulary, int count) {
        try (Tokenizer tokenizer = Tokenizers.fromGguf(metadata(file, vocabulary), GGUF)) {
            List<JsonElement> cases =
                    written(file, vocabulary).getAsJsonArray("cases").asList();
            assertEquals(count, cases.size());
            for (JsonElement each : cases) {
                JsonObject expected = each.getAsJsonObject();
                String text = expected.get("text").getAsString();
                int[] ids = new Gson().fromJson(expected.get("ids"), int[].class);
                assertArrayEquals(ids, tokenizer.encode(text).ids(), "\"" + text + "\"");
                if (expected.has("decoded")) {
                    assertEquals(expected.get("decoded").getAsString(), tokenizer.decode(ids));
                }
            }
        }
    }

    @Test
    void spansHoldTheBlankInFrontButNotTheOneThatWasAdded() {
        try (Tokenizer prefixed = open("prefixed");
                Tokenizer plain = open("plain")) {
            assertEquals(List.of("the", " capital", " of"), pieces(prefixed.encode("the capital of")));
            assertEquals("the ships 😀\nx", String.join("", unique(plain.encode("the ships 😀\nx"))));
            assertEquals(List.of(" ", "😀", "😀", "😀", "😀"), pieces(plain.encode(" 😀")));
            assertEquals(List.of("<s>", "the", " capital"), pieces(prefixed.encode("<s>the capital")));
        }
    }

    // Bytes of one character all have its span.
    private static List<String> unique(Encoding encoding) {
        List<String> pieces = new ArrayList<>();
        for (int i = 0; i < encoding.length(); i++) {
            if (i == 0 || encoding.starts()[i] != encoding.starts()[i - 1]) {
                pieces.add(encoding.text().substring(encoding.starts()[i], encoding.ends()[i]));
            }
        }
        return pieces;
    }

    @Test
    void aTokensTextKeepsAllItsBlanks() {
        try (Tokenizer prefixed = open("prefixed");
                Tokenizer plain = open("plain")) {
            int the = prefixed.encode("the").ids()[0];
            assertEquals(" the", prefixed.text(the));
            int[] two = plain.encode("  ").ids();
            assertEquals(1, two.length);
            assertEquals("  ", plain.text(two[0]));
            assertEquals("<s>", prefixed.text(1));
        }
        Map<String, Object> blanks = metadata("sentencepiece", "plain");
        blanks.put("tokenizer.ggml.add_space_prefix", true);
        try (Tokenizer prefixed = Tokenizers.fromGguf(blanks, GGUF)) {
            int two = prefixed.encode("  ").ids()[0];
            assertEquals("  ", prefixed.text(two));
        }
    }

    @Test
    void blanksOfTheUsersTokensMayBeMarkedOrNot() {
        Map<String, Object> marked = metadata("sentencepiece", "plain");
        List<Object> tokens = new ArrayList<>((List<?>) marked.get("tokenizer.ggml.tokens"));
        assertTrue(tokens.contains("  "));
        tokens.replaceAll(token -> token.toString().replace(' ', '\u2581'));
        marked.put("tokenizer.ggml.tokens", tokens);
        try (Tokenizer one = open("plain");
                Tokenizer other = Tokenizers.fromGguf(marked, GGUF)) {
            String text = "the      Rome\n\n <h1>";
            assertArrayEquals(one.encode(text).ids(), other.encode(text).ids());
        }
    }

    @Test
    void withoutTypesAVocabularyNeedsAnUnknownToken() {
        Map<String, Object> metadata = metadata("sentencepiece", "unknown");
        metadata.remove("tokenizer.ggml.unknown_token_id");
        metadata.put(
                "tokenizer.ggml.token_type",
                Collections.nCopies(((List<?>) metadata.get("tokenizer.ggml.tokens")).size(), 1L));
        GgufTokenizerField error = assertThrows(GgufTokenizerField.class, () -> Tokenizers.fromGguf(metadata, GGUF));
        assertEquals("tokenizer.ggml.token_type", error.field());
        assertEquals("0 bytes", error.found());
    }

    @ParameterizedTest
    @CsvSource({
        "tokenizer.ggml.scores, 1, a list of numbers",
        "tokenizer.ggml.add_space_prefix, yes, true or false",
        "tokenizer.ggml.unknown_token_id, 420, a token id below 420"
    })
    void aFieldOfTheWrongKindIsNamed(String field, String value, String expected) {
        Map<String, Object> metadata = metadata("sentencepiece", "prefixed");
        metadata.put(field, value.equals("420") ? (Object) 420L : value);
        GgufTokenizerField error = assertThrows(GgufTokenizerField.class, () -> Tokenizers.fromGguf(metadata, GGUF));
        assertEquals(field, error.field());
        assertEquals(expected, error.expected());
        metadata.put("tokenizer.ggml.scores", List.of(1.0));
        metadata.put("tokenizer.ggml.add_space_prefix", true);
        metadata.put("tokenizer.ggml.unknown_token_id", 0L);
        error = assertThrows(GgufTokenizerField.class, () -> Tokenizers.fromGguf(metadata, GGUF));
        assertTrue(error.expected().contains("420"), error.expected());
    }

    @Test
    void olderWordPieceFilesTellSpecialTokensByTheirIds() {
        Map<String, Object> metadata = metadata("wordpiece", "uncased");
        metadata.remove("tokenizer.ggml.token_type");
        try (Tokenizer tokenizer = Tokenizers.fromGguf(metadata, GGUF)) {
            Encoding encoding = tokenizer.encode("[MASK] Paris");
            assertEquals("[MASK]", tokenizer.text(encoding.ids()[0]));
            assertEquals(List.of("[MASK]", "Paris"), pieces(encoding).subList(0, 2));
            int[] framed = tokenizer.framing().frame(encoding, null).ids();
            assertEquals("[CLS]", tokenizer.text(framed[0]));
            assertEquals("[SEP]", tokenizer.text(framed[framed.length - 1]));
        }
    }
}
