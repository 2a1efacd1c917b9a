package dev.kausal.engine.tokens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizersTest {
    static {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    private static final Path GGUF = Path.of("models", "tiny.gguf");

    private static Tokenizer tiny() {
        return Tokenizers.fromGguf(TinyBpe.metadata(), GGUF);
    }

    private static Tokenizer tinyWithPre(String pre) {
        Map<String, Object> metadata = TinyBpe.metadata();
        metadata.put("tokenizer.ggml.pre", pre);
        return Tokenizers.fromGguf(metadata, GGUF);
    }

    private static List<String> pieces(Encoding encoding) {
        List<String> pieces = new ArrayList<>();
        for (int i = 0; i < encoding.length(); i++) {
            pieces.add(encoding.text().substring(encoding.starts()[i], encoding.ends()[i]));
        }
        return pieces;
    }

    @Test
    void mergesInRankOrderAndKeepsTheLeadingBlankInTheSpan() {
        try (Tokenizer tokenizer = tiny()) {
            Encoding encoding = tokenizer.encode("Paris the Paris");
            assertArrayEquals(
                    new int[] {TinyBpe.id("Paris"), TinyBpe.id("Ġthe"), TinyBpe.id("ĠParis")}, encoding.ids());
            assertEquals(List.of("Paris", " the", " Paris"), pieces(encoding));
        }
    }

    @Test
    void tellsATokensTextWithItsLeadingBlank() {
        try (Tokenizer tokenizer = tiny()) {
            assertEquals(" Paris", tokenizer.text(TinyBpe.id("ĠParis")));
            assertEquals("\n", tokenizer.text(TinyBpe.id("Ċ")));
            assertEquals(TinyBpe.CONTROL, tokenizer.text(TinyBpe.id(TinyBpe.CONTROL)));
            assertEquals(TinyBpe.USER, tokenizer.text(TinyBpe.id(TinyBpe.USER)));
            assertEquals(" Paris Rome", tokenizer.decode(TinyBpe.id("ĠParis"), TinyBpe.id("ĠRome")));
            assertEquals("", tokenizer.decode());
        }
    }

    @Test
    void spansAreJavaCharIndicesAfterAnEmoji() {
        try (Tokenizer tokenizer = tiny()) {
            Encoding encoding = tokenizer.encode("😀 Paris");
            assertEquals(5, encoding.length());
            assertEquals(List.of("😀", "😀", "😀", "😀", " Paris"), pieces(encoding));
            assertEquals("😀 Paris", tokenizer.decode(encoding.ids()));
        }
    }

    @Test
    void spansCoverTheWholeText() {
        try (Tokenizer tokenizer = tiny()) {
            String text = "  the\tParis  \n 12 x";
            assertEquals(text, String.join("", pieces(tokenizer.encode(text))));
        }
    }

    @Test
    void preTokenizersDifferInDigits() {
        try (Tokenizer smollm = tinyWithPre("smollm");
                Tokenizer gpt2 = tinyWithPre("gpt-2");
                Tokenizer llama = tinyWithPre("llama-bpe");
                Tokenizer smaug = tinyWithPre("smaug-bpe");
                Tokenizer qwen = tinyWithPre("qwen2")) {
            assertEquals(List.of("12", "12"), pieces(gpt2.encode("1212")));
            assertEquals(List.of("12", "1", "2"), pieces(smaug.encode("1212")));
            assertEquals(List.of("1", "2"), pieces(smollm.encode("12")));
            assertEquals(List.of("12"), pieces(gpt2.encode("12")));
            assertEquals(List.of("12"), pieces(llama.encode("12")));
            assertEquals(List.of("1", "2"), pieces(qwen.encode("12")));
        }
    }

    @Test
    void controlAndUserTokensAreFoundInText() {
        try (Tokenizer tokenizer = tiny()) {
            Encoding encoding = tokenizer.encode("Rome<|im_start|><user word>");
            assertArrayEquals(new int[] {TinyBpe.id("Rome"), 0, 1}, encoding.ids());
            assertEquals(List.of("Rome", TinyBpe.CONTROL, TinyBpe.USER), pieces(encoding));
        }
    }

    @Test
    void neitherTruncatesNorPads() {
        try (Tokenizer tokenizer = tiny()) {
            assertEquals(3000, tokenizer.encode(" Paris".repeat(3000)).length());
            assertEquals(0, tokenizer.encode("").length());
        }
    }

    @Test
    void aLoneSurrogateDoesNotDisturbItsNeighbours() {
        try (Tokenizer tokenizer = tiny()) {
            Encoding encoding = tokenizer.encode("😀\uD83D Paris");
            assertEquals(" Paris", pieces(encoding).get(encoding.length() - 1));
            assertEquals(2, encoding.starts()[4]);
            assertEquals(3, encoding.ends()[4]);
        }
    }

    @Test
    void refusesIdsOutsideTheVocabulary() {
        try (Tokenizer tokenizer = tiny()) {
            int size = tokenizer.vocabularySize();
            assertEquals(2 + 256 + 14, size);
            TokenIdOutOfRange error = assertThrows(TokenIdOutOfRange.class, () -> tokenizer.text(size));
            assertEquals(size, error.id());
            assertThrows(TokenIdOutOfRange.class, () -> tokenizer.decode(0, -1));
            assertEquals("#" + size, tokenizer.named(size));
            assertEquals("#-1", tokenizer.named(-1));
            assertEquals(" Paris", tokenizer.named(TinyBpe.id("ĠParis")));
        }
    }

    @Test
    void manyThreadsGetTheSameAnswer() {
        try (Tokenizer tokenizer = tiny()) {
            int[] expected = tokenizer.encode("the Paris 😀 Rome").ids();
            long wrong = IntStream.range(0, 400)
                    .parallel()
                    .filter(i -> !Arrays.equals(
                            expected, tokenizer.encode("the Paris 😀 Rome").ids()))
                    .count();
            assertEquals(0, wrong);
        }
    }

    @Test
    void namesTheUnsupportedFieldAndValue() {
        Map<String, Object> metadata = TinyBpe.metadata();
        metadata.put("tokenizer.ggml.model", "t5");
        GgufTokenizerUnsupported error =
                assertThrows(GgufTokenizerUnsupported.class, () -> Tokenizers.fromGguf(metadata, GGUF));
        assertEquals("tokenizer.ggml.model", error.field());
        assertEquals("t5", error.value());
        assertTrue(error.getMessage().contains("tiny.gguf"), error.getMessage());
        GgufTokenizerUnsupported pre = assertThrows(GgufTokenizerUnsupported.class, () -> tinyWithPre("martian"));
        assertEquals("tokenizer.ggml.pre", pre.field());
        assertTrue(pre.getMessage().contains("smollm"), pre.getMessage());
    }

    @Test
    void namesAbsentAndMisshapenFields() {
        Map<String, Object> noMerges = TinyBpe.metadata();
        noMerges.remove("tokenizer.ggml.merges");
        GgufTokenizerField absent = assertThrows(GgufTokenizerField.class, () -> Tokenizers.fromGguf(noMerges, GGUF));
        assertEquals("tokenizer.ggml.merges", absent.field());
        Map<String, Object> shortTypes = TinyBpe.metadata();
        shortTypes.put("tokenizer.ggml.token_type", List.of(1L));
        assertThrows(GgufTokenizerField.class, () -> Tokenizers.fromGguf(shortTypes, GGUF));
        Map<String, Object> strayMerge = TinyBpe.metadata();
        strayMerge.put("tokenizer.ggml.merges", List.of("Paris Rome"));
        assertThrows(TokenizerDamaged.class, () -> Tokenizers.fromGguf(strayMerge, GGUF));
    }

    @Test
    void opensAFolderAndUndoesItsTrimmingTruncationAndSpecialTokens(@TempDir Path folder) throws IOException {
        String json = new GgufTokenizerJson(TinyBpe.metadata(), "tiny").build().toString();
        String spoiled = json.replace(
                        "\"post_processor\":null",
                        "\"post_processor\":{\"type\":\"RobertaProcessing\",\"sep\":[\"<|im_start|>\",0],"
                                + "\"cls\":[\"<|im_start|>\",0],\"trim_offsets\":true,\"add_prefix_space\":false}")
                .replace(
                        "\"truncation\":null",
                        "\"truncation\":{\"direction\":\"Right\",\"max_length\":2,\"strategy\":\"LongestFirst\","
                                + "\"stride\":0}");
        assertTrue(spoiled.contains("RobertaProcessing") && spoiled.contains("max_length"));
        Files.writeString(folder.resolve("tokenizer.json"), spoiled);
        try (Tokenizer tokenizer = Tokenizers.open(folder)) {
            assertEquals(List.of("Paris", " the", " Paris", " Rome"), pieces(tokenizer.encode("Paris the Paris Rome")));
        }
    }

    @Test
    void aSentencePieceStyleTokenKeepsItsBlank(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("tokenizer.json"), """
                {"version":"1.0","added_tokens":[],"normalizer":null,
                 "pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true},
                 "decoder":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true},
                 "model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0.0],["▁Paris",-1.0],["▁is",-1.5]]}}""");
        try (Tokenizer tokenizer = Tokenizers.open(folder)) {
            assertEquals(" Paris", tokenizer.text(1));
            Encoding encoding = tokenizer.encode("Paris is");
            assertArrayEquals(new int[] {1, 2}, encoding.ids());
            assertEquals(List.of("Paris", " is"), pieces(encoding));
        }
    }

    @Test
    void saysWhichFileIsMissingOrDamaged(@TempDir Path folder) throws IOException {
        TokenizerFileMissing missing = assertThrows(TokenizerFileMissing.class, () -> Tokenizers.open(folder));
        assertEquals(folder.toAbsolutePath().toString(), missing.folder());
        Path file = folder.resolve("tokenizer.json");
        for (String content : List.of("", "{\"model\":", "[]", "{}", "{\"model\":{\"vocab\":{\"a\":99999999}}}")) {
            Files.writeString(file, content);
            TokenizerDamaged damaged = assertThrows(TokenizerDamaged.class, () -> Tokenizers.open(folder), content);
            assertEquals(file.toAbsolutePath().toString(), damaged.source());
        }
    }
}
