package dev.kausal.engine.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TensorFormatsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "F16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_NL",
                "IQ4_XS"
            })
    void decodesBitForBitLikePython(String dtype) throws Exception {
        JsonObject vector = TestFiles.vectors("quants").getAsJsonObject(dtype);
        byte[] blocks = TestFiles.bytes(vector, "blocks");
        float[] expected = TestFiles.floats(vector, "values");
        TensorFormat format = TensorFormats.GGUF.get(dtype);
        int count = blocks.length / format.blockBytes();
        assertEquals(expected.length, count * format.blockSize());
        float[] found = new float[expected.length];
        format.decoder().decode(blocks, count, found);
        assertArrayEquals(bits(expected), bits(found));
    }

    private static int[] bits(float[] values) {
        int[] bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToRawIntBits(values[i]));
        return bits;
    }

    @Test
    void widensEveryKindOfHalf() {
        assertEquals(0x1p-24f, half(0x0001));
        assertEquals(0x1p-14f, half(0x0400));
        assertEquals(65504f, half(0x7bff));
        assertEquals(-1.5f, half(0xbe00));
        assertEquals(Float.NEGATIVE_INFINITY, half(0xfc00));
        assertTrue(Float.isNaN(half(0x7e00)));
        assertEquals(0x80000000, Float.floatToRawIntBits(half(0x8000)));
    }

    private static float half(int bits) {
        return Half.at(new byte[] {(byte) bits, (byte) (bits >> 8)}, 0);
    }

    @Test
    void safetensorsHasNoQuantisedTypes() {
        assertEquals(Set.of("F32", "F16", "BF16", "F64"), TensorFormats.SAFETENSORS.keySet());
    }
}
