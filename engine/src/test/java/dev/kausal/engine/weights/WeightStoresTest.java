package dev.kausal.engine.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.errors.KausalException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightStoresTest {
    private static final String INDEX = "model.safetensors.index.json";

    @TempDir
    Path folder;

    private static byte[] one(String name, float value) {
        return TestFiles.safetensors("{" + TestFiles.entry(name, "F32", "[1]", 0, 4) + "}", TestFiles.f32(value));
    }

    private Path write(String name, byte[] bytes) throws Exception {
        return TestFiles.write(folder.resolve(name), bytes);
    }

    private Path index(String json) throws Exception {
        return write(INDEX, json.getBytes(StandardCharsets.UTF_8));
    }

    private void sharded() throws Exception {
        write("part-1.safetensors", one("a", 1));
        write("part-2.safetensors", one("b", 2));
        index("{\"metadata\":{},\"weight_map\":{\"b\":\"part-2.safetensors\",\"a\":\"part-1.safetensors\"}}");
    }

    private static String sha256(byte[]... parts) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (byte[] part : parts) {
            digest.update(part);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test
    void readsShards() throws Exception {
        sharded();
        for (Path path : List.of(folder, folder.resolve(INDEX))) {
            try (WeightStore store = WeightStores.open(path);
                    NDManager manager = NDManager.newBaseManager()) {
                assertEquals(List.of("b", "a"), List.copyOf(store.tensors().keySet()));
                assertArrayEquals(new float[] {1}, store.read("a", manager).toFloatArray());
                assertArrayEquals(new float[] {2}, store.read("b", manager).toFloatArray());
                assertEquals(sha256(one("a", 1), one("b", 2)), store.sha256());
            }
        }
    }

    @Test
    void namesAMissingShard() throws Exception {
        sharded();
        Files.delete(folder.resolve("part-2.safetensors"));
        var error = assertThrows(CorruptWeightsException.class, () -> WeightStores.open(folder));
        assertEquals("shard 'part-2.safetensors' beside the index", error.expected());
        assertEquals("no such file", error.found());
    }

    @Test
    void namesATensorThatItsShardLacks() throws Exception {
        sharded();
        write("part-2.safetensors", one("c", 2));
        var error = assertThrows(CorruptWeightsException.class, () -> WeightStores.open(folder));
        assertEquals("tensor 'b' in shard 'part-2.safetensors'", error.expected());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../part.safetensors", "/etc/x.safetensors", "a\\b.safetensors", "part.bin"})
    void refusesShardsElsewhere(String shard) throws Exception {
        index("{\"weight_map\":{\"a\":\"" + shard.replace("\\", "\\\\") + "\"}}");
        var error = assertThrows(CorruptWeightsException.class, () -> WeightStores.open(folder));
        assertEquals("'" + shard + "'", error.found());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "[]", "{\"weight_map\":{}}", "{\"weight_map\":{\"a\":[]}}", "{\"weight_map\":"})
    void refusesAMalformedIndex(String json) throws Exception {
        index(json);
        var error = assertThrows(CorruptWeightsException.class, () -> WeightStores.open(folder));
        assertEquals("index", error.where());
    }

    @Test
    void refusesANameTwiceInTheIndex() throws Exception {
        index("{\"weight_map\":{\"a\":\"p.safetensors\",\"a\":\"p.safetensors\"}}");
        var error = assertThrows(CorruptWeightsException.class, () -> WeightStores.open(folder));
        assertEquals("tensor 'a' twice", error.found());
    }

    @Test
    void prefersTheWholeModelAndElseTheOnlyFile() throws Exception {
        write("other.safetensors", one("x", 1));
        write("pytorch_model.bin", new byte[3]);
        try (WeightStore store = WeightStores.open(folder)) {
            assertEquals(List.of("x"), List.copyOf(store.tensors().keySet()));
        }
        write("model.safetensors", one("y", 1));
        try (WeightStore store = WeightStores.open(folder)) {
            assertEquals(List.of("y"), List.copyOf(store.tensors().keySet()));
        }
    }

    @Test
    void refusesToChooseAmongSeveral() throws Exception {
        write("x.safetensors", one("x", 1));
        write("y.safetensors", one("y", 1));
        var error = assertThrows(WeightsNotFoundException.class, () -> WeightStores.open(folder));
        assertEquals("several without an index: x.safetensors, y.safetensors", error.found());
    }

    @Test
    void reportsAnEmptyFolderAndAMissingPath() {
        var empty = assertThrows(WeightsNotFoundException.class, () -> WeightStores.open(folder));
        assertEquals("none among its 0 files", empty.found());
        var missing = assertThrows(WeightsNotFoundException.class, () -> WeightStores.open(folder.resolve("no")));
        assertEquals("no such file or folder", missing.found());
        assertEquals(KausalException.Blame.USER, missing.blame());
    }

    @ParameterizedTest
    @ValueSource(strings = {"pytorch_model.bin", "a.pt", "a.pth", "a.ckpt"})
    void refusesPicklesByName(String name) throws Exception {
        Path file = write(name, new byte[20]);
        for (Path path : List.of(folder, file)) {
            var error = assertThrows(PickleRefusedException.class, () -> WeightStores.open(path));
            assertEquals(file.toString(), error.path());
            assertTrue(error.getMessage().contains("can run arbitrary code"), error.getMessage());
            assertTrue(error.getMessage().contains("Convert the model to safetensors"), error.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"504b030408080000", "80027d7100580100", "8004957d71005801"})
    void refusesRenamedPickles(String start) throws Exception {
        for (String name : List.of("model.safetensors", "model.gguf", "model")) {
            Path path = write(name, HexFormat.of().parseHex(start + "0000000000"));
            var error = assertThrows(PickleRefusedException.class, () -> WeightStores.open(path));
            assertEquals("by its first bytes", error.sign());
        }
    }

    @Test
    void opensSafetensorsWhoseLengthLooksLikeAPickle() throws Exception {
        String header = "{" + TestFiles.entry("a", "F32", "[1]", 0, 4) + "}";
        byte[] bytes = TestFiles.safetensors(header + " ".repeat(0x280 - header.length()), TestFiles.f32(1));
        assertEquals((byte) 0x80, bytes[0]);
        assertEquals(2, bytes[1]);
        try (WeightStore store = WeightStores.open(write("model.safetensors", bytes))) {
            assertEquals(1, store.tensors().size());
        }
    }

    @Test
    void refusesAnUnknownFormat() throws Exception {
        Path path = write("notes.txt", "hello".getBytes(StandardCharsets.UTF_8));
        var error = assertThrows(UnsupportedWeightsException.class, () -> WeightStores.open(path));
        assertEquals("safetensors, GGUF", error.expected());
    }

    @Test
    void suggestsTheNearestNames() throws Exception {
        String header = "{" + TestFiles.entry("h.0.attn.weight", "F32", "[1]", 0, 4) + ","
                + TestFiles.entry("h.0.mlp.weight", "F32", "[1]", 4, 8) + "}";
        write("model.safetensors", TestFiles.safetensors(header, new byte[8]));
        try (WeightStore store = WeightStores.open(folder);
                NDManager manager = NDManager.newBaseManager()) {
            var error = assertThrows(MissingTensorException.class, () -> store.read("h.0.mpl.weight", manager));
            assertEquals("h.0.mpl.weight", error.name());
            assertEquals(List.of("h.0.mlp.weight", "h.0.attn.weight"), error.nearest());
            assertTrue(error.getMessage().contains("nearest: 'h.0.mlp.weight', "), error.getMessage());
        }
    }

    /** Passes keep views of rows beyond the array that was read; that array's memory must not end before them. */
    @Test
    void aViewOfRowsOutlivesTheirArray() throws Exception {
        int width = 1 << 16;
        float[] row = new float[width];
        Arrays.fill(row, 3);
        String header = "{" + TestFiles.entry("a", "F32", "[1, " + width + "]", 0, 4L * width) + "}";
        write("model.safetensors", TestFiles.safetensors(header, TestFiles.f32(row)));
        try (WeightStore store = WeightStores.open(folder);
                NDManager manager = NDManager.newBaseManager()) {
            List<NDArray> views = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                try (NDArray rows = store.rows("a", new int[] {0}, manager)) {
                    views.add(rows.reshape(width));
                }
            }
            for (int i = 0; i < 20; i++) {
                System.gc();
                ByteBuffer.allocateDirect(4 * width).putFloat(7).clear();
            }
            views.forEach(view -> assertArrayEquals(row, view.toFloatArray()));
        }
    }

    @Test
    void hashesOneFileAsItIs() throws Exception {
        byte[] bytes = one("a", 1);
        try (WeightStore store = WeightStores.open(write("model.safetensors", bytes))) {
            assertEquals(sha256(bytes), store.sha256());
            Files.delete(folder.resolve("model.safetensors"));
            assertEquals(sha256(bytes), store.sha256());
        }
    }

    @Test
    void aClosedStoreRefuses() throws Exception {
        WeightStore store = WeightStores.open(write("model.safetensors", one("a", 1)));
        store.close();
        try (NDManager manager = NDManager.newBaseManager()) {
            assertThrows(IllegalStateException.class, () -> store.read("a", manager));
        }
    }
}
