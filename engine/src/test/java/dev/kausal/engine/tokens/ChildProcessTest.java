package dev.kausal.engine.tokens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules of unknown origin run in another process, which may end; this one does not. */
final class ChildProcessTest {
    private static final Path FOLDER = Path.of("src/test/resources/tokenizers");

    @TempDir
    private Path folder;

    private Tokenizer opened(String normalizer, String preTokenizer) throws IOException {
        String json =
                "{\"version\":\"1.0\",\"added_tokens\":[],\"post_processor\":null,\"decoder\":null,\"normalizer\":"
                        + normalizer + ",\"pre_tokenizer\":" + preTokenizer
                        + ",\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"aa\":0,\"[UNK]\":1},\"unk_token\":\"[UNK]\"}}";
        Files.writeString(folder.resolve("tokenizer.json"), json);
        return Tokenizers.open(folder);
    }

    @ParameterizedTest
    @ValueSource(strings = {"split", "replace"})
    void aRuleThatEndsItsProcessIsReported(String kind) throws IOException {
        String pattern = "\"pattern\":{\"Regex\":\"(a+)+$\"}";
        boolean split = kind.equals("split");
        String cut = "{\"type\":\"Split\"," + pattern + ",\"behavior\":\"Isolated\",\"invert\":false}";
        String replace = "{\"type\":\"Replace\"," + pattern + ",\"content\":\"aa\"}";
        try (Tokenizer tokenizer = split ? opened("null", cut) : opened(replace, "null")) {
            assertArrayEquals(new int[] {0}, tokenizer.encode("aa").ids());
            TokenizerDamaged e = assertThrows(TokenizerDamaged.class, () -> tokenizer.encode("a".repeat(40) + "!"));
            assertTrue(e.found().contains("crashes the tokenizer library"), e.getMessage());
            assertArrayEquals(new int[] {0}, tokenizer.encode("aa").ids());
        }
    }

    @Test
    void replacementsThatMultiplyATextAreRefused() {
        String replace =
                "{\"type\":\"Replace\",\"pattern\":{\"String\":\"a\"},\"content\":\"" + "a".repeat(100) + "\"}";
        String twice = "{\"type\":\"Sequence\",\"normalizers\":[" + replace + "," + replace + "]}";
        TokenizerDamaged e = assertThrows(TokenizerDamaged.class, () -> opened(twice, "null"));
        assertTrue(e.found().contains("1000 times as long at normalizer"), e.getMessage());
    }

    @Test
    void bothProcessesGiveTheSame() throws IOException {
        byte[] json = Files.readAllBytes(FOLDER.resolve("bytelevel-roberta/tokenizer.json"));
        try (NativeTokenizer own = new OwnProcess(json);
                NativeTokenizer child = new ChildProcess(json)) {
            for (String text : List.of("Hello, world", " naïve 🦄 日本", "\n\t a  b", "x".repeat(3000))) {
                NativeTokenizer.Tokens expected = own.encode(text);
                NativeTokenizer.Tokens found = child.encode(text);
                assertArrayEquals(expected.ids(), found.ids(), text);
                assertArrayEquals(expected.starts(), found.starts(), text);
                assertArrayEquals(expected.ends(), found.ends(), text);
                assertEquals(own.decode(expected.ids()), child.decode(found.ids()));
            }
        }
    }

    @Test
    void aFileThatTheLibraryRefusesIsReportedFromTheOtherProcess() {
        String cut = "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(a\"},\"behavior\":\"Isolated\",\"invert\":false}";
        assertThrows(TokenizerDamaged.class, () -> opened("null", cut));
    }
}
