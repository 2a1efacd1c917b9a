package dev.kausal.engine.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import dev.kausal.engine.model.ModelSource;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GgufTest {
    private static final int F32 = 0;
    private static final int Q4_0 = 2;
    private static final int IQ2_XXS = 16;

    @TempDir
    Path folder;

    private Path file(TestFiles.Bytes bytes) throws Exception {
        return TestFiles.write(folder.resolve("tiny.gguf"), bytes.done());
    }

    /** Two tensors, alignment 64, and a value of every metadata type. */
    static TestFiles.Bytes tiny() {
        return TestFiles.gguf(2, 14)
                .string("general.alignment")
                .u32(TestFiles.GGUF_U32)
                .u32(64)
                .string("u8")
                .u32(0)
                .raw((byte) 200)
                .string("i8")
                .u32(1)
                .raw((byte) -3)
                .string("u16")
                .u32(2)
                .raw((byte) 0xff, (byte) 0xff)
                .string("i16")
                .u32(3)
                .raw((byte) 0xff, (byte) 0xff)
                .string("i32")
                .u32(5)
                .u32(-9)
                .string("u32")
                .u32(TestFiles.GGUF_U32)
                .u32(-1)
                .string("f32")
                .u32(6)
                .u32(Float.floatToRawIntBits(0.5f))
                .string("bool")
                .u32(7)
                .raw((byte) 1)
                .string("text")
                .u32(TestFiles.GGUF_STRING)
                .string("grün")
                .string("list")
                .u32(TestFiles.GGUF_ARRAY)
                .u32(TestFiles.GGUF_ARRAY)
                .u64(2)
                .u32(TestFiles.GGUF_STRING)
                .u64(2)
                .string("a")
                .string("")
                .u32(7)
                .u64(1)
                .raw((byte) 0)
                .string("u64")
                .u32(10)
                .u64(1L << 40)
                .string("i64")
                .u32(11)
                .u64(-1L << 40)
                .string("f64")
                .u32(12)
                .u64(Double.doubleToRawLongBits(0.1))
                .tensor("w", F32, 0, 3, 2)
                .tensor("q", Q4_0, 64, 32)
                .align(64)
                .raw(TestFiles.f32(1, 2, 3, 4, 5, 6))
                .align(64)
                .raw((byte) 0, (byte) 0x3c)
                .raw(nibbles());
    }

    private static byte[] nibbles() {
        byte[] bytes = new byte[16];
        Arrays.fill(bytes, (byte) 0xf0);
        return bytes;
    }

    @Test
    void readsWhatJavaWrote() throws Exception {
        try (WeightStore store = WeightStores.open(file(tiny()));
                NDManager manager = NDManager.newBaseManager()) {
            assertEquals(List.of("w", "q"), List.copyOf(store.tensors().keySet()));
            assertEquals(
                    new TensorInfo("w", "F32", List.of(2L, 3L)), store.tensors().get("w"));
            NDArray w = store.read("w", manager);
            assertEquals(new Shape(2, 3), w.getShape());
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, w.toFloatArray());
            float[] quantised = new float[32];
            Arrays.fill(quantised, 0, 16, -8);
            Arrays.fill(quantised, 16, 32, 7);
            assertArrayEquals(quantised, store.read("q", manager).toFloatArray());
        }
    }

    @Test
    void readsEveryMetadataType() throws Exception {
        try (WeightStore store = WeightStores.open(file(tiny()))) {
            assertEquals(
                    Map.ofEntries(
                            Map.entry("general.alignment", 64L),
                            Map.entry("u8", 200L),
                            Map.entry("i8", -3L),
                            Map.entry("u16", 65535L),
                            Map.entry("i16", -1L),
                            Map.entry("u32", 4294967295L),
                            Map.entry("i32", -9L),
                            Map.entry("f32", 0.5),
                            Map.entry("bool", true),
                            Map.entry("text", "grün"),
                            Map.entry("list", List.of(List.of("a", ""), List.of(false))),
                            Map.entry("u64", 1L << 40),
                            Map.entry("i64", -1L << 40),
                            Map.entry("f64", 0.1)),
                    store.metadata());
        }
    }

    @Test
    void readsWhatPythonWrote() throws Exception {
        JsonObject expected = TestFiles.vectors("gguf");
        try (WeightStore store = WeightStores.open(TestFiles.resource("python.gguf", folder));
                NDManager manager = NDManager.newBaseManager()) {
            assertEquals(7L, store.metadata().get("tiny.count"));
            assertEquals(List.of("a", "ü", ""), store.metadata().get("tiny.words"));
            assertEquals(List.of(2L, 3L), store.tensors().get("weight").shape());
            assertEquals(
                    new TensorInfo("quants", "Q8_0", List.of(2L, 64L)),
                    store.tensors().get("quants"));
            for (String name : expected.keySet()) {
                assertArrayEquals(
                        TestFiles.floats(expected, name),
                        store.read(name, manager).toFloatArray(),
                        name);
            }
        }
    }

    @Test
    void aModelOfAnUnsupportedTypeIsRefusedWhenOpened() throws Exception {
        Path path = file(TestFiles.gguf(1, 1)
                .string("general.architecture")
                .u32(TestFiles.GGUF_STRING)
                .string("llama")
                .tensor("token_embd.weight", IQ2_XXS, 0, 256)
                .align(32));
        var error = assertThrows(UnsupportedWeightsException.class, () -> ModelSource.open(path));
        assertTrue(error.getMessage().contains("tensor 'token_embd.weight'"), error.getMessage());
        assertTrue(error.getMessage().contains("found dtype IQ2_XXS"), error.getMessage());
    }

    @Test
    void refusesAnUnsupportedTypeOnlyWhenRead() throws Exception {
        Path path = file(TestFiles.gguf(2, 0)
                .tensor("k", IQ2_XXS, 0, 256)
                .tensor("x", 99, 0, 1)
                .align(32));
        try (WeightStore store = WeightStores.open(path);
                NDManager manager = NDManager.newBaseManager()) {
            var error = assertThrows(UnsupportedWeightsException.class, () -> store.read("k", manager));
            assertEquals("dtype IQ2_XXS", error.found());
            assertEquals(
                    "BF16, F16, F32, F64, IQ4_NL, IQ4_XS, Q2_K, Q3_K, Q4_0, Q4_1, Q4_K, Q5_0, Q5_1, Q5_K, Q6_K, Q8_0",
                    error.expected());
            assertTrue(error.getMessage().contains("tensor 'k'"), error.getMessage());
            assertThrows(UnsupportedWeightsException.class, () -> store.check("k"));
            var unknown = assertThrows(UnsupportedWeightsException.class, () -> store.read("x", manager));
            assertEquals("dtype type 99", unknown.found());
        }
    }
}
