package dev.kausal.engine.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.SafetensorsWriter.Precision;
import dev.kausal.engine.weights.SafetensorsWriter.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    @TempDir
    Path folder;

    @Test
    void whatIsWrittenIsReadAsItWas() throws IOException {
        float[] numbers = {0f, -0f, 1.5f, -3.25f, 65504f, 0x1p-24f};
        List<Tensor> tensors = List.of(
                new Tensor("a", new long[] {2, 3}, numbers), new Tensor("b.weight", new long[] {1}, new float[] {7}));
        for (Precision precision : Precision.values()) {
            Path file = folder.resolve("model.safetensors");
            SafetensorsWriter.write(file, tensors, precision);
            try (WeightStore store = WeightStores.open(folder);
                    NDManager manager = Torch.manager()) {
                assertEquals(
                        List.of("a", "b.weight"), List.copyOf(store.tensors().keySet()));
                assertEquals(List.of(2L, 3L), store.tensors().get("a").shape());
                assertEquals(precision.name(), store.tensors().get("a").dtype());
                assertArrayEquals(numbers, store.read("a", manager).toFloatArray());
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void aTensorOfAnotherSizeIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Tensor("a", new long[] {2}, new float[3]));
    }

    @Test
    void everyHalfIsItsOwnNearest() {
        byte[] bytes = new byte[2];
        for (int bits = 0; bits < 1 << 16; bits++) {
            bytes[0] = (byte) bits;
            bytes[1] = (byte) (bits >> 8);
            float value = Half.at(bytes, 0);
            if (!Float.isNaN(value)) {
                assertEquals((short) bits, Half.narrow(value), Integer.toHexString(bits));
            }
        }
    }

    @Test
    void numbersBetweenHalvesGoToTheNearestTiesToEven() {
        assertEquals(half(1f), Half.narrow(1f + 0x1p-11f)); // between 1 and the next: 1 is even
        assertEquals(half(1f + 0x1p-9f), Half.narrow(1f + 3 * 0x1p-11f));
        assertEquals(half(1f + 0x1p-10f), Half.narrow(1f + 0x1.1p-11f));
        assertEquals(half(Float.POSITIVE_INFINITY), Half.narrow(65520f));
        assertEquals(half(65504f), Half.narrow(65519f));
        assertEquals(half(2 * 0x1p-24f), Half.narrow(0x1.8p-24f));
        assertEquals(half(0f), Half.narrow(0x1p-25f));
        assertEquals(half(0x1p-14f), Half.narrow(Math.nextDown(0x1p-14f)));
    }

    private static short half(float exact) {
        return Half.narrow(exact);
    }
}
