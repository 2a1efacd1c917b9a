package dev.kausal.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Products in bfloat16 against arithmetic by hand. */
final class WeightMatrixTest {
    private static final int ROWS = 33;
    private static final int IN = 70;
    private static final int OUT = 50;

    /** Rounds to 8 significant bits, ties to even. */
    private static float rounded(double x) {
        int bits = Float.floatToRawIntBits((float) x);
        int kept = bits + 0x7fff + ((bits >>> 16) & 1);
        return Float.intBitsToFloat(kept & 0xffff0000);
    }

    private static float[] normal(int count, long seed) {
        Random random = new Random(seed);
        float[] numbers = new float[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }

    @Test
    void roundsToTheNearestWithTiesToEven() {
        Torch.inference();
        float[] numbers = {1f, 1 + 1f / 256, 1 + 3f / 256, -1.005f, 3.4e38f, 1e-40f, 0f};
        float[] expected = new float[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            expected[i] = rounded(numbers[i]);
        }
        assertEquals(1f, expected[1], "a tie goes to the even neighbour");
        assertEquals(1.015625f, expected[2], "a tie goes to the even neighbour");
        try (NDManager manager = Torch.manager()) {
            NDArray x = manager.create(numbers);
            assertArrayEquals(expected, Fused.roundedToBfloat16(x).toFloatArray());
            assertArrayEquals(expected, Fused.toFloat32(Fused.toBfloat16(x)).toFloatArray());
        }
    }

    @Test
    void bothWaysToMultiplyRoundFactorsAndSums() {
        Torch.inference();
        float[] x = normal(ROWS * IN, 1);
        float[] w = normal(IN * OUT, 2);
        try (NDManager manager = Torch.manager()) {
            NDArray rows = manager.create(x, new Shape(ROWS, IN));
            NDArray weight = Fused.toBfloat16(manager.create(w, new Shape(IN, OUT)));
            WeightMatrix matrix = new WeightMatrix(weight, Precision.BFLOAT16);
            check(x, w, 0, OUT, Fused.bfloat16Product(rows, weight).toFloatArray());
            check(x, w, 0, OUT, Fused.roundedProduct(rows, weight).toFloatArray());
            check(x, w, 0, OUT, matrix.times(rows).toFloatArray());
            check(x, w, 20, 35, matrix.columns(20, 35).times(rows).toFloatArray());
        }
    }

    /** A sum in float32 that lies near the middle of two numbers of bfloat16 may be rounded to either. */
    private static void check(float[] x, float[] w, int from, int to, float[] found) {
        int width = to - from;
        assertEquals(ROWS * width, found.length);
        int neighbours = 0;
        for (int row = 0; row < ROWS; row++) {
            for (int column = 0; column < width; column++) {
                double sum = 0;
                double size = 0;
                for (int i = 0; i < IN; i++) {
                    double term = (double) rounded(x[row * IN + i]) * rounded(w[i * OUT + from + column]);
                    sum += term;
                    size += Math.abs(term);
                }
                float value = found[row * width + column];
                if (value != rounded(sum)) {
                    neighbours++;
                    double apart = Math.abs(value - sum);
                    assertTrue(
                            apart <= Precision.BFLOAT16.unit() * Math.abs(sum) + 1e-6 * size,
                            value + " is no rounding of " + sum);
                }
            }
        }
        assertTrue(neighbours <= found.length / 100, neighbours + " of " + found.length + " are rounded the other way");
    }

    @Test
    void gradientsFlowThroughBothProducts() {
        Torch.inference();
        float[] x = normal(ROWS * IN, 3);
        float[] w = normal(IN * OUT, 4);
        float[] expected = new float[IN];
        for (int i = 0; i < IN; i++) {
            double sum = 0;
            for (int column = 0; column < OUT; column++) {
                sum += rounded(w[i * OUT + column]);
            }
            expected[i] = rounded(sum);
        }
        for (boolean narrow : new boolean[] {true, false}) {
            try (NDManager manager = Torch.manager()) {
                NDArray weight = Fused.toBfloat16(manager.create(w, new Shape(IN, OUT)));
                float[] found = Recording.of(() -> {
                    NDArray rows = Recording.leaf(Recording.nativeCopy(manager.create(x, new Shape(ROWS, IN))));
                    NDArray product = narrow ? Fused.bfloat16Product(rows, weight) : Fused.roundedProduct(rows, weight);
                    assertTrue(Recording.backward(product.sum()));
                    return rows.getGradient().toFloatArray();
                });
                for (int i = 0; i < found.length; i++) {
                    float of = expected[i % IN];
                    assertEquals(of, found[i], Math.abs(of) / 100 + 0.02, "gradient " + i);
                }
            }
        }
    }

    @Test
    void float32IsLeftAlone() {
        Torch.inference();
        try (NDManager manager = Torch.manager()) {
            NDArray weight = manager.create(normal(IN * OUT, 5), new Shape(IN, OUT));
            NDArray rows = manager.create(normal(ROWS * IN, 6), new Shape(ROWS, IN));
            WeightMatrix matrix = new WeightMatrix(weight, Precision.FLOAT32);
            assertEquals(weight, matrix.float32());
            assertEquals(rows, matrix.rounded(rows));
            assertArrayEquals(
                    rows.matMul(weight).toFloatArray(), matrix.times(rows).toFloatArray(), 1e-4f);
        }
    }

    @Test
    void instructionsAndSettingsDecideWhetherTheProcessorMultiplies(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("cpuinfo"), "processor\t: 0\nflags\t\t: fpu avx512_bf16 sse\n");
        Set<String> flags = Bfloat16.instructions(file);
        assertEquals(Set.of("fpu", "avx512_bf16", "sse"), flags);
        assertEquals(Set.of(), Bfloat16.instructions(folder.resolve("none")));
        assertTrue(Bfloat16.inProcessor(flags, Map.of()));
        assertTrue(Bfloat16.inProcessor(Set.of("amx_bf16"), Map.of()));
        assertFalse(Bfloat16.inProcessor(Set.of("avx512f", "avx2"), Map.of()));
        assertFalse(Bfloat16.inProcessor(flags, Map.of("ATEN_CPU_CAPABILITY", "default")));
        assertFalse(Bfloat16.inProcessor(flags, Map.of("ATEN_CPU_CAPABILITY", "avx2")));
        assertTrue(Bfloat16.inProcessor(flags, Map.of("ATEN_CPU_CAPABILITY", "avx512")));
        assertFalse(Bfloat16.inProcessor(flags, Map.of("ONEDNN_MAX_CPU_ISA", "AVX2")));
        assertFalse(Bfloat16.inProcessor(flags, Map.of("DNNL_MAX_CPU_ISA", "avx512_core_vnni")));
        assertTrue(Bfloat16.inProcessor(flags, Map.of("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_BF16")));
    }
}
