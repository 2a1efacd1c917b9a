package dev.kausal.engine.tokens;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that ended the process inside the native library are refused before it reads them. */
final class NativeLimitsTest {
    @TempDir
    private Path folder;

    private Path written(String normalizer, String decoder) throws IOException {
        String json = "{\"version\":\"1.0\",\"added_tokens\":[],\"pre_tokenizer\":null,\"post_processor\":null,"
                + "\"normalizer\":" + normalizer + ",\"decoder\":" + decoder
                + ",\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"b\":0,\"[UNK]\":1},\"unk_token\":\"[UNK]\"}}";
        Files.writeString(folder.resolve("tokenizer.json"), json);
        return folder;
    }

    private void refused(String normalizer, String decoder, String found) throws IOException {
        Path model = written(normalizer, decoder);
        TokenizerDamaged e = assertThrows(TokenizerDamaged.class, () -> Tokenizers.open(model));
        assertTrue(e.found().contains(found), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"1e400", "-1e999999999", "[1e400]"})
    void numbersBeyondDouble(String number) throws IOException {
        refused("null", "{\"type\":\"ByteLevel\",\"x\":" + number + "}", "at decoder.x");
    }

    @Test
    void deepNesting() throws IOException {
        refused(
                "null",
                "{\"type\":\"ByteLevel\",\"x\":" + "[".repeat(200) + "]".repeat(200) + "}",
                "nested more than 100");
        String fields = "\"add_prefix_space\":false,\"trim_offsets\":false,\"use_regex\":false,";
        Tokenizers.open(written(
                        "null", "{\"type\":\"ByteLevel\"," + fields + "\"x\":" + "[".repeat(60) + "]".repeat(60) + "}"))
                .close();
    }

    @ParameterizedTest
    @CsvSource({
        "AAAA, 3 bytes",
        "/////wAAAAA=, 'size, 4294967295 of 4 bytes'",
        "****, not base64",
        "AAAAAAA=, 'size, 0 of'"
    })
    void damagedCharacterMaps(String map, String found) throws IOException {
        refused(precompiled(map), "null", found);
    }

    private static String precompiled(String map) {
        return "{\"type\":\"Precompiled\",\"precompiled_charsmap\":\"" + map + "\"}";
    }

    /** A trie whose one path leads from the letter a to the text b; unit {@code index} is replaced. */
    private static String map(int index, int unit) {
        int[] units = new int[512];
        units[0] = 256 << 10;
        units[256 ^ 'a'] = 'a' | 1 << 8 | (256 ^ 'a' ^ 511) << 10;
        units[511] = 1 << 31;
        units[index] = unit;
        ByteBuffer bytes = ByteBuffer.allocate(4 + 4 * units.length + 2).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(4 * units.length);
        for (int value : units) {
            bytes.putInt(value);
        }
        bytes.put(new byte[] {'b', 0});
        return precompiled(Base64.getEncoder().encodeToString(bytes.array()));
    }

    @Test
    void aCharacterMapWhoseIndicesLeadOutside() throws IOException {
        int a = 256 ^ 'a';
        try (Tokenizer sound = Tokenizers.open(written(map(1, 0), "null"))) {
            assertArrayEquals(new int[] {0}, sound.encode("a").ids());
        }
        String outside = "points outside itself";
        refused(map(0, 1 << 20 << 10 >>> 1), "null", outside);
        refused(map(a, 'a' | 1 << 8 | 4096 << 10), "null", outside);
        refused(map(511, 1 << 31 | 77), "null", outside);
    }

    @Test
    void aVocabularyWithoutItsUnknownToken() throws IOException {
        String json = "{\"version\":\"1.0\",\"added_tokens\":[],\"normalizer\":null,\"pre_tokenizer\":null,"
                + "\"post_processor\":null,\"decoder\":null,"
                + "\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"a\":0},\"unk_token\":\"[UNK]\"}}";
        Files.writeString(folder.resolve("tokenizer.json"), json);
        try (Tokenizer tokenizer = Tokenizers.open(folder)) {
            assertEquals(1, tokenizer.encode("a").length());
            TokenizerDamaged e = assertThrows(TokenizerDamaged.class, () -> tokenizer.encode("b"));
            assertTrue(e.found().contains("fails on 'b'"), e.getMessage());
        }
    }
}
