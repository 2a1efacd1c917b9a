package dev.kausal.engine.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.errors.KausalException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufCorruptionTest {
    private static final int F32 = 0;
    private static final int Q4_0 = 2;

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
    void refusesAHugeAxisOfAnEmptyTensor() throws Exception {
        Path path = file(TestFiles.gguf(1, 0).tensor("w", F32, 0, 0, 1L << 62).align(32));
        try (WeightStore store = WeightStores.open(path);
                NDManager manager = NDManager.newBaseManager()) {
            var error = assertThrows(UnsupportedWeightsException.class, () -> store.read("w", manager));
            assertEquals("shape [4611686018427387904, 0]", error.found());
        }
    }

    @Test
    void everyTruncationIsReported() throws Exception {
        byte[] whole = GgufTest.tiny().done();
        for (int length = 0; length < whole.length; length++) {
            Path path = TestFiles.write(folder.resolve("cut.gguf"), Arrays.copyOf(whole, length));
            assertThrows(KausalException.class, () -> WeightStores.open(path), "length " + length);
        }
    }

    @Test
    void noFlippedByteEscapesAsABug() throws Exception {
        byte[] whole = GgufTest.tiny().done();
        Random random = new Random(5);
        for (int trial = 0; trial < 500; trial++) {
            byte[] bent = whole.clone();
            bent[4 + random.nextInt(bent.length - 4)] = (byte) random.nextInt(256);
            Path path = TestFiles.write(folder.resolve("bent.gguf"), bent);
            try (WeightStore store = WeightStores.open(path);
                    NDManager manager = NDManager.newBaseManager()) {
                for (TensorInfo info : store.tensors().values()) {
                    assertEquals(info.size(), store.read(info.name(), manager).size());
                }
            } catch (RuntimeException e) {
                assertInstanceOf(KausalException.class, e);
            }
        }
    }
}
