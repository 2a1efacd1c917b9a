package dev.kausal.engine.tokens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts between special tokens, against the reference library (bench/make_tiny_tokenizers.py). */
final class FramingTest {
    private static final Path FOLDER = Path.of("src/test/resources/tokenizers");

    private record Expected(int mask, List<Case> encodings) {}

    private record Case(List<String> texts, int[] ids, int[] types) {}

    @ParameterizedTest
    @ValueSource(
            strings = {
                "wordpiece-template",
                "wordpiece-bert",
                "wordpiece-plain",
                "bytelevel-roberta",
                "bytelevel-sequence",
                "unigram-deberta"
            })
    void equalsTheReference(String name) throws IOException {
        Expected expected =
                new Gson().fromJson(Files.readString(FOLDER.resolve(name).resolve("expected.json")), Expected.class);
        try (Tokenizer tokenizer = Tokenizers.open(FOLDER.resolve(name))) {
            for (Case one : expected.encodings()) {
                String second = one.texts().size() == 2 ? one.texts().get(1) : null;
                Framed framed = tokenizer.frame(one.texts().get(0), second);
                assertArrayEquals(one.ids(), framed.ids(), one.texts().toString());
                assertArrayEquals(one.types(), framed.types(), one.texts().toString());
            }
            assertEquals(expected.mask(), tokenizer.mask().orElse(-1));
        }
    }

    @Test
    void tokensKnowTheirTextAndTheirCharacters() {
        try (Tokenizer tokenizer = Tokenizers.open(FOLDER.resolve("wordpiece-bert"))) {
            Framed framed = tokenizer.frame("The cat", "It ran");
            assertArrayEquals(new int[] {-1, 0, 0, -1, 1, 1, -1}, framed.texts());
            assertArrayEquals(new int[] {0, 0, 4, 0, 0, 3, 0}, framed.starts());
            assertArrayEquals(new int[] {0, 3, 7, 0, 2, 6, 0}, framed.ends());
            assertArrayEquals(new int[] {5, 7}, tokenizer.encode("The cat").ids());
        }
    }

    @Test
    void piecesOfAUnigramKnowTheirCharacters() {
        try (Tokenizer tokenizer = Tokenizers.open(FOLDER.resolve("unigram-deberta"))) {
            Framed framed = tokenizer.frame("the cat [MASK] in rome", null);
            assertArrayEquals(new int[] {-1, 0, 0, 0, 0, 0, -1}, framed.texts());
            assertArrayEquals(new int[] {0, 0, 3, 8, 14, 17, 0}, framed.starts());
            assertArrayEquals(new int[] {0, 3, 7, 14, 17, 22, 0}, framed.ends());
            assertEquals(" cat", tokenizer.text(framed.ids()[2]));
            assertEquals(tokenizer.mask().orElseThrow(), framed.ids()[3]);
        }
    }

    @Test
    void aPostProcessorThatCannotBeReadIsNamed() {
        TokenizerDamaged e = assertThrows(
                TokenizerDamaged.class,
                () -> Framing.read(JsonParser.parseString("{\"type\": \"BertProcessing\"}"), "here"));
        assertTrue(e.getMessage().contains("no readable post_processor"), e.getMessage());
        assertEquals(Framing.NONE, Framing.read(JsonParser.parseString("{\"type\": \"Other\"}"), "here"));
    }
}
