package dev.kausal.engine.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import dev.kausal.engine.errors.KausalException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufTest {
    private static final int F32 = 0;
    private static final int Q4_0 = 2;
    private static final int Q2_K = 10;

    @TempDir
    Path folder;

    private Path file(TestFiles.Bytes bytes) throws Exception {
        return TestFiles.write(folder.resolve("tiny.gguf"), bytes.done());
    }

    private CorruptWeightsException refused(TestFiles.Bytes bytes) throws Exception {
        Path path = file(bytes);
        CorruptWeightsException error = assertThrows(CorruptWeightsException.class, () -> WeightStores.open(path));
        assertEquals(path.toString(), error.path());
        return error;
    }

    /** Two tensors, alignment 64, and a value of every metadata type. */
    private static TestFiles.Bytes tiny() {
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
    void refusesAnUnsupportedTypeOnlyWhenRead() throws Exception {
        Path path = file(TestFiles.gguf(2, 0)
                .tensor("k", Q2_K, 0, 256)
                .tensor("x", 99, 0, 1)
                .align(32));
        try (WeightStore store = WeightStores.open(path);
                NDManager manager = NDManager.newBaseManager()) {
            var error = assertThrows(UnsupportedWeightsException.class, () -> store.read("k", manager));
            assertEquals("dtype Q2_K", error.found());
            assertEquals("BF16, F16, F32, F64, Q4_0, Q4_1, Q4_K, Q5_0, Q5_1, Q5_K, Q6_K, Q8_0", error.supported());
            assertTrue(error.getMessage().contains("tensor 'k'"), error.getMessage());
            var unknown = assertThrows(UnsupportedWeightsException.class, () -> store.read("x", manager));
            assertEquals("dtype type 99", unknown.found());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 0x03000000})
    void refusesOtherVersions(int version) throws Exception {
        Path path = file(new TestFiles.Bytes()
                .raw("GGUF".getBytes(StandardCharsets.UTF_8))
                .u32(version));
        var error = assertThrows(UnsupportedWeightsException.class, () -> WeightStores.open(path));
        assertEquals(version > 4 ? "a big-endian file" : "version " + version, error.found());
    }

    @Test
    void refusesAnotherMagic() throws Exception {
        assertEquals(
                "0x47475558",
                refused(new TestFiles.Bytes().raw((byte) 'G', (byte) 'G', (byte) 'U', (byte) 'X'))
                        .found());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 1L << 33, -1, Long.MAX_VALUE})
    void refusesTensorCountsBeyondTheFile(long count) throws Exception {
        CorruptWeightsException error = refused(TestFiles.gguf(count, 0));
        assertTrue(error.where().startsWith("number of tensors"), error.where());
        assertEquals(Long.toUnsignedString(count), error.found());
    }

    @ParameterizedTest
    @ValueSource(longs = {6, -1, Long.MIN_VALUE, 1L << 31})
    void refusesStringsBeyondTheFile(long length) throws Exception {
        TestFiles.Bytes bytes =
                TestFiles.gguf(0, 1).u64(length).raw(new byte[5]).raw(new byte[8]);
        CorruptWeightsException error = length == 6
                ? refused(TestFiles.gguf(0, 1).string("key").u32(8).u64(6).raw(new byte[5]))
                : refused(bytes);
        assertTrue(error.where().contains("string length"), error.where());
        assertEquals(Long.toUnsignedString(length), error.found());
    }

    @Test
    void refusesArraysBeyondTheFile() throws Exception {
        CorruptWeightsException error = refused(TestFiles.gguf(0, 1)
                .string("a")
                .u32(TestFiles.GGUF_ARRAY)
                .u32(TestFiles.GGUF_U32)
                .u64(3)
                .raw(new byte[11]));
        assertTrue(error.where().contains("'a' (array length)"), error.where());
        assertEquals("3", error.found());
    }

    @Test
    void refusesArraysNestedTooDeep() throws Exception {
        TestFiles.Bytes bytes = TestFiles.gguf(0, 1).string("a").u32(TestFiles.GGUF_ARRAY);
        for (int depth = 0; depth < 6; depth++) {
            bytes.u32(TestFiles.GGUF_ARRAY).u64(1);
        }
        assertEquals("a deeper one", refused(bytes).found());
    }

    @Test
    void refusesAnUnknownValueType() throws Exception {
        assertEquals(
                "13", refused(TestFiles.gguf(0, 1).string("a").u32(13).u64(0)).found());
    }

    @Test
    void refusesABooleanOfTwo() throws Exception {
        assertEquals(
                "2",
                refused(TestFiles.gguf(0, 1).string("a").u32(7).raw((byte) 2)).found());
    }

    @Test
    void refusesADuplicateKey() throws Exception {
        TestFiles.Bytes bytes = TestFiles.gguf(0, 2);
        bytes.string("a").u32(7).raw((byte) 1).string("a").u32(7).raw((byte) 1);
        assertTrue(refused(bytes).where().startsWith("metadata 'a'"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 1 << 24, -8})
    void refusesAnOddAlignment(int alignment) throws Exception {
        CorruptWeightsException error = refused(TestFiles.gguf(0, 1)
                .string("general.alignment")
                .u32(TestFiles.GGUF_U32)
                .u32(alignment));
        assertEquals(Integer.toUnsignedString(alignment), error.found());
    }

    @Test
    void refusesTooManyAxes() throws Exception {
        assertEquals(
                "5",
                refused(TestFiles.gguf(1, 0).tensor("w", F32, 0, 1, 1, 1, 1, 1)).found());
    }

    @Test
    void refusesAnOffsetOffTheAlignment() throws Exception {
        var error =
                refused(TestFiles.gguf(1, 0).tensor("w", F32, 4, 1).align(32).raw(new byte[8]));
        assertEquals("tensor 'w'", error.where());
        assertEquals("4", error.found());
    }

    @ParameterizedTest
    @ValueSource(longs = {64, Long.MIN_VALUE, Long.MAX_VALUE - 31})
    void refusesAnOffsetBeyondTheFile(long offset) throws Exception {
        var error = refused(
                TestFiles.gguf(1, 0).tensor("w", F32, offset, 1).align(32).raw(new byte[32]));
        assertEquals(Long.toUnsignedString(offset), error.found());
    }

    @Test
    void refusesATruncatedTensor() throws Exception {
        var error =
                refused(TestFiles.gguf(1, 0).tensor("w", F32, 0, 4).align(32).raw(new byte[15]));
        assertEquals("16 bytes for shape [4] of F32", error.expected());
        assertEquals("15 bytes left of the file", error.found());
    }

    @Test
    void refusesAFileThatEndsBeforeTheData() throws Exception {
        assertEquals(
                "tensor 'w'",
                refused(TestFiles.gguf(1, 0).tensor("w", F32, 0, 4)).where());
    }

    @Test
    void refusesRowsOfPartialBlocks() throws Exception {
        var error = refused(
                TestFiles.gguf(1, 0).tensor("w", Q4_0, 0, 16, 2).align(32).raw(new byte[18]));
        assertEquals("shape [2, 16]", error.found());
    }

    @Test
    void refusesShapesThatOverflow() throws Exception {
        refused(TestFiles.gguf(1, 0).tensor("w", F32, 0, 1L << 62, 4).align(32));
        refused(TestFiles.gguf(1, 0).tensor("w", F32, 0, 1L << 62).align(32));
        refused(TestFiles.gguf(1, 0).tensor("w", F32, 0, -1).align(32));
    }

    @Test
    void refusesOverlap() throws Exception {
        var error = refused(TestFiles.gguf(2, 0)
                .tensor("a", F32, 0, 9)
                .tensor("b", F32, 32, 1)
                .align(32)
                .raw(new byte[64]));
        assertTrue(error.found().contains("overlap tensor 'a'"), error.found());
    }

    @Test
    void refusesADuplicateTensor() throws Exception {
        var error = refused(TestFiles.gguf(2, 0)
                .tensor("a", F32, 0, 1)
                .tensor("a", F32, 32, 1)
                .align(32)
                .raw(new byte[64]));
        assertEquals("it twice", error.found());
    }

    @Test
    void everyTruncationIsReported() throws Exception {
        byte[] whole = tiny().done();
        for (int length = 0; length < whole.length; length++) {
            Path path = TestFiles.write(folder.resolve("cut.gguf"), Arrays.copyOf(whole, length));
            assertThrows(KausalException.class, () -> WeightStores.open(path), "length " + length);
        }
    }

    @Test
    void noFlippedByteEscapesAsABug() throws Exception {
        byte[] whole = tiny().done();
        Random random = new Random(5);
        for (int trial = 0; trial < 2000; trial++) {
            byte[] bent = whole.clone();
            bent[4 + random.nextInt(bent.length - 4)] = (byte) random.nextInt(256);
            Path path = TestFiles.write(folder.resolve("bent.gguf"), bent);
            try (WeightStore store = WeightStores.open(path)) {
                assertEquals(2, store.tensors().size());
            } catch (RuntimeException e) {
                assertInstanceOf(KausalException.class, e);
            }
        }
    }
}
