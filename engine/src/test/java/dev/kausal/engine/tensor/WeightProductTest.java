package dev.kausal.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products with float32 weights whose outputs threads share, against sums in double precision. */
final class WeightProductTest {
    private static final int IN = 96;

    private NDManager manager;
    private NDScope scope;

    @BeforeEach
    void open() {
        Torch.inference();
        manager = Torch.manager();
        scope = new NDScope();
        scope.suppressNotUsedWarning();
    }

    @AfterEach
    void close() {
        scope.close();
        manager.close();
        Torch.threads(Runtime.getRuntime().availableProcessors());
    }

    @ParameterizedTest
    @CsvSource({
        "960, 1, 1",
        "960, 2, 4",
        "960, 3, 6",
        "960, 8, 8",
        "960, 16, 1",
        "49152, 2, 64",
        "49152, 3, 96",
        "50257, 2, 1"
    })
    void blocksAreAsManyForEachThreadAndNotTooNarrow(long outputs, int threads, long blocks) {
        assertEquals(blocks, WeightProduct.blocks(outputs, threads));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void productsAreTheSameHoweverThreadsShareThem(int threads) {
        Torch.threads(threads);
        for (int rows : new int[] {0, 1, 5, 64, 513}) {
            for (int outputs : new int[] {1, 130, 192, 1536}) {
                Matrix x = Matrix.random(rows, IN, rows);
                Matrix w = Matrix.random(IN, outputs, outputs);
                float[] expected = x.times(w);
                NDArray rowsOf = manager.create(x.numbers, new Shape(rows, IN));
                NDArray weight = manager.create(w.numbers, new Shape(IN, outputs));
                NDArray stored =
                        weight.transpose().toType(weight.getDataType(), true).transpose();
                String which = rows + " rows, " + outputs + " outputs, " + threads + " threads";
                assertArrayEquals(expected, numbers(WeightProduct.of(rowsOf, weight)), 2e-5f, which);
                assertArrayEquals(expected, numbers(WeightProduct.of(rowsOf, stored)), 2e-5f, which);
                assertArrayEquals(
                        expected, numbers(WeightProduct.joined(WeightProduct.inBlocks(rowsOf, weight))), 2e-5f, which);
            }
        }
    }

    @Test
    void columnsOfAWeightAreMultipliedInPlace() {
        Torch.threads(2);
        Matrix x = Matrix.random(7, IN, 1);
        Matrix w = Matrix.random(IN, 600, 2);
        NDArray whole = WeightProduct.of(
                manager.create(x.numbers, new Shape(7, IN)), manager.create(w.numbers, new Shape(IN, 600)));
        NDArray part = WeightProduct.of(
                manager.create(x.numbers, new Shape(7, IN)),
                Slices.of(manager.create(w.numbers, new Shape(IN, 600)), 1, 100, 484));
        assertArrayEquals(numbers(whole.get(":, 100:484")), numbers(part), 2e-5f);
    }

    @Test
    void recordedProductsAreNotSplit() {
        Torch.threads(2);
        NDArray x = manager.ones(new Shape(4, IN));
        NDArray weight = manager.ones(new Shape(IN, 256));
        assertEquals(3, WeightProduct.inBlocks(x, weight).getShape().dimension());
        assertEquals(
                2,
                Recording.of(() -> WeightProduct.inBlocks(x, weight)).getShape().dimension());
    }

    private static float[] numbers(NDArray array) {
        return array.flatten().toFloatArray();
    }

    private record Matrix(int rows, int columns, float[] numbers) {
        static Matrix random(int rows, int columns, long seed) {
            Random random = new Random(seed);
            float[] numbers = new float[rows * columns];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = (float) random.nextGaussian();
            }
            return new Matrix(rows, columns, numbers);
        }

        float[] times(Matrix right) {
            float[] product = new float[rows * right.columns];
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < right.columns; column++) {
                    double sum = 0;
                    for (int i = 0; i < columns; i++) {
                        sum += (double) numbers[row * columns + i] * right.numbers[i * right.columns + column];
                    }
                    product[row * right.columns + column] = (float) sum;
                }
            }
            return product;
        }
    }
}
