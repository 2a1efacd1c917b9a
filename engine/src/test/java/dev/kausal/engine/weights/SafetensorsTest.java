package dev.kausal.engine.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
    @TempDir
    Path folder;

    private Path file(byte[] bytes) throws Exception {
        return TestFiles.write(folder.resolve("model.safetensors"), bytes);
    }

    private Path file(String header, int dataBytes) throws Exception {
        return file(TestFiles.safetensors(header, new byte[dataBytes]));
    }

    private CorruptWeightsException refused(Path path) {
        CorruptWeightsException error = assertThrows(CorruptWeightsException.class, () -> WeightStores.open(path));
        assertEquals(path.toString(), error.path());
        assertTrue(error.getMessage().contains(error.expected()), error.getMessage());
        assertTrue(error.getMessage().contains(error.found()), error.getMessage());
        return error;
    }

    @Test
    void readsWhatJavaWrote() throws Exception {
        String header = "{\"__metadata__\":{\"format\":\"pt\"}," + TestFiles.entry("b", "F32", "[2,2]", 4, 20) + ","
                + TestFiles.entry("a", "F32", "[]", 0, 4) + "}  ";
        file(TestFiles.safetensors(header, TestFiles.f32(1, 2, 3, 4, -5)));
        try (WeightStore store = WeightStores.open(folder);
                NDManager manager = NDManager.newBaseManager()) {
            assertEquals(List.of("b", "a"), List.copyOf(store.tensors().keySet()));
            assertEquals(
                    new TensorInfo("b", "F32", List.of(2L, 2L)), store.tensors().get("b"));
            assertEquals(Map.of(), store.metadata());
            NDArray b = store.read("b", manager);
            assertEquals(new Shape(2, 2), b.getShape());
            assertArrayEquals(new float[] {2, 3, 4, -5}, b.toFloatArray());
            assertEquals(1f, store.read("a", manager).getFloat());
            b.addi(1);
            assertArrayEquals(
                    new float[] {2, 3, 4, -5}, store.read("b", manager).toFloatArray());
        }
    }

    @Test
    void readsWhatPythonWrote() throws Exception {
        JsonObject expected = TestFiles.vectors("safetensors");
        try (WeightStore store = WeightStores.open(TestFiles.resource("python.safetensors", folder));
                NDManager manager = NDManager.newBaseManager()) {
            assertEquals(expected.keySet(), store.tensors().keySet());
            for (String name : expected.keySet()) {
                NDArray array = store.read(name, manager);
                assertEquals(new Shape(3, 5), array.getShape());
                assertArrayEquals(TestFiles.floats(expected, name), array.toFloatArray(), name);
            }
        }
    }

    @Test
    void readsAnEmptyTensor() throws Exception {
        file("{" + TestFiles.entry("none", "F32", "[0,3]", 0, 0) + "}", 0);
        try (WeightStore store = WeightStores.open(folder);
                NDManager manager = NDManager.newBaseManager()) {
            assertEquals(new Shape(0, 3), store.read("none", manager).getShape());
        }
    }

    @Test
    void readsManyBlocksAndParts() throws Exception {
        int size = 3 * TensorReader.STEP + 5;
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = i - 7;
        }
        file(TestFiles.safetensors(
                "{" + TestFiles.entry("w", "F32", "[" + size + "]", 0, 4L * size) + "}", TestFiles.f32(values)));
        try (WeightsFile weights = WeightsFile.open(folder.resolve("model.safetensors"));
                NDManager manager = NDManager.newBaseManager()) {
            Region region = Safetensors.read(weights).get("w");
            for (int part : new int[] {1000, TensorReader.PART}) {
                NDArray read = new TensorReader(region, TensorFormats.SAFETENSORS.get("F32"), part).read(manager);
                assertArrayEquals(values, read.toFloatArray());
            }
        }
    }

    @Test
    void refusesAFileThatHasShrunk() throws Exception {
        Path path = file(TestFiles.safetensors(
                "{" + TestFiles.entry("w", "F32", "[2]", 0, 8) + "}", TestFiles.f32(new float[] {1, 2})));
        try (WeightStore store = WeightStores.open(path);
                NDManager manager = NDManager.newBaseManager()) {
            long size = Files.size(path);
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(size - 1);
            }
            var error = assertThrows(CorruptWeightsException.class, () -> store.read("w", manager));
            assertEquals(size - 1 + " bytes", error.found());
            assertTrue(manager.getManagedArrays().isEmpty());
        }
    }

    @Test
    void countsNonFiniteValues() throws Exception {
        int size = 2 * TensorReader.STEP;
        float[] values = new float[size];
        values[TensorReader.STEP + 3] = Float.NaN;
        values[TensorReader.STEP + 9] = Float.NEGATIVE_INFINITY;
        file(TestFiles.safetensors(
                "{" + TestFiles.entry("w", "F32", "[" + size + "]", 0, 4L * size) + "}", TestFiles.f32(values)));
        try (WeightStore store = WeightStores.open(folder);
                NDManager manager = NDManager.newBaseManager()) {
            var error = assertThrows(NonFiniteWeightsException.class, () -> store.read("w", manager));
            assertEquals("w", error.tensor());
            assertEquals(2, error.count());
            assertEquals(size, error.size());
            assertEquals(TensorReader.STEP + 3, error.firstIndex());
            assertTrue(error.getMessage().contains("'w'"), error.getMessage());
            assertTrue(manager.getManagedArrays().isEmpty());
        }
    }

    @Test
    void refusesAnIntegerTensorOnlyWhenRead() throws Exception {
        file("{" + TestFiles.entry("ids", "I64", "[2]", 0, 16) + "}", 16);
        try (WeightStore store = WeightStores.open(folder);
                NDManager manager = NDManager.newBaseManager()) {
            var error = assertThrows(UnsupportedWeightsException.class, () -> store.read("ids", manager));
            assertEquals("dtype I64", error.found());
            assertEquals("tensor 'ids'", error.where());
            assertTrue(error.getMessage().contains("BF16, F16, F32, F64"), error.getMessage());
        }
    }

    @Test
    void refusesTooManyElements() throws Exception {
        long bytes = 1L << 32;
        Region region;
        try (WeightsFile weights = WeightsFile.open(file("{}", 0));
                NDManager manager = NDManager.newBaseManager()) {
            region = new Region(new TensorInfo("big", "F16", List.of(bytes / 2)), weights, 10);
            var reader = new TensorReader(region, TensorFormats.SAFETENSORS.get("F16"), TensorReader.PART);
            var error = assertThrows(UnsupportedWeightsException.class, () -> reader.read(manager));
            assertEquals("2147483648 elements", error.found());
        }
    }

    @Test
    void refusesAFileWithoutLength() throws Exception {
        assertEquals("5 bytes", refused(file(new byte[5])).found());
    }

    @ParameterizedTest
    @ValueSource(longs = {3, 1L << 40, Long.MAX_VALUE, -1})
    void refusesALengthBeyondTheFile(long length) throws Exception {
        Path path = file(
                new TestFiles.Bytes().u64(length).raw((byte) '{', (byte) '}').done());
        CorruptWeightsException error = refused(path);
        assertEquals("header length", error.where());
        assertEquals(Long.toUnsignedString(length), error.found());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "{\"a\":3}", "{\"a\":{}}", "{} x", "{\"a\":{\"shape\":[1.5]}}", ""})
    void refusesAMalformedHeader(String header) throws Exception {
        refused(file(header, 0));
    }

    @Test
    void refusesATruncatedFile() throws Exception {
        CorruptWeightsException error = refused(file("{" + TestFiles.entry("w", "F32", "[4]", 0, 16) + "}", 12));
        assertEquals("tensor 'w'", error.where());
        assertEquals("[0, 16]", error.found());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-4,0", "4,0", "0,9223372036854775807", "9223372036854775800,9223372036854775804"})
    void refusesOffsetsOutOfRange(String offsets) throws Exception {
        String header = "{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[" + offsets + "]}}";
        assertEquals(
                "[" + offsets.replace(",", ", ") + "]", refused(file(header, 4)).found());
    }

    @Test
    void refusesOverlap() throws Exception {
        String header =
                "{" + TestFiles.entry("a", "F32", "[2]", 0, 8) + "," + TestFiles.entry("b", "F32", "[2]", 4, 12) + "}";
        CorruptWeightsException error = refused(file(header, 12));
        assertEquals("tensor 'b'", error.where());
        assertTrue(error.found().contains("overlap tensor 'a'"), error.found());
    }

    @Test
    void refusesAGap() throws Exception {
        String header =
                "{" + TestFiles.entry("a", "F32", "[1]", 0, 4) + "," + TestFiles.entry("b", "F32", "[1]", 8, 12) + "}";
        assertEquals("a gap up to 8", refused(file(header, 12)).found());
    }

    @Test
    void refusesBytesAfterTheLastTensor() throws Exception {
        assertEquals(
                "3 bytes more",
                refused(file("{" + TestFiles.entry("a", "F32", "[1]", 0, 4) + "}", 7))
                        .found());
    }

    @ParameterizedTest
    @ValueSource(strings = {"[3]", "[4611686018427387904,4]", "[-2]", "[-1,-2]"})
    void refusesAShapeThatDoesNotFit(String shape) throws Exception {
        CorruptWeightsException error = refused(file("{" + TestFiles.entry("w", "F32", shape, 0, 8) + "}", 8));
        assertEquals("tensor 'w'", error.where());
    }

    @Test
    void checksTheSizeOfUnreadableTypesToo() throws Exception {
        refused(file("{" + TestFiles.entry("w", "I64", "[2]", 0, 8) + "}", 8));
    }

    @Test
    void refusesADuplicateName() throws Exception {
        String header =
                "{" + TestFiles.entry("a", "F32", "[1]", 0, 4) + "," + TestFiles.entry("a", "F32", "[1]", 4, 8) + "}";
        assertEquals("tensor 'a' twice", refused(file(header, 8)).found());
    }

    @Test
    void noticesAFileThatShrank() throws Exception {
        Path path = file("{" + TestFiles.entry("a", "F32", "[2]", 0, 8) + "}", 8);
        try (WeightStore store = WeightStores.open(path);
                NDManager manager = NDManager.newBaseManager()) {
            Files.write(path, new byte[4]);
            var error = assertThrows(CorruptWeightsException.class, () -> store.read("a", manager));
            assertEquals("4 bytes", error.found());
        }
    }
}
