package dev.kausal.engine.family;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.tensor.Torch;
import org.junit.jupiter.api.Test;

class TransformTest {
    /** One head of width 4 over 2 inputs, rows 0, 2, 1, 3 as llama.cpp interleaves them. */
    private static final float[] INTERLEAVED = {0, 10, 2, 12, 1, 11, 3, 13};

    @Test
    void turnsAnInterleavedHeadBackToHalvesAndTransposes() {
        float[] expected = {0, 1, 2, 3, 10, 11, 12, 13};
        assertArrayEquals(expected, applied(Transform.UNPERMUTE_TRANSPOSE, INTERLEAVED, new Shape(4, 2)));
    }

    @Test
    void transposes() {
        assertArrayEquals(
                new float[] {1, 3, 5, 2, 4, 6},
                applied(Transform.TRANSPOSE, new float[] {1, 2, 3, 4, 5, 6}, new Shape(3, 2)));
    }

    @Test
    void transposesOneRow() {
        assertArrayEquals(new float[] {1, 2}, applied(Transform.TRANSPOSE, new float[] {1, 2}, new Shape(1, 2)));
    }

    /** The result row by row; also checks that nothing else stays open. */
    private static float[] applied(Transform transform, float[] values, Shape shape) {
        Torch.inference();
        try (NDManager manager = Torch.manager()) {
            NDArray raw = manager.create(values, shape);
            NDArray ready = transform.apply(raw, 1, 4);
            raw.close();
            assertEquals(1, manager.getManagedArrays().size(), "arrays that still hold memory");
            assertEquals(new Shape(shape.get(1), shape.get(0)), ready.getShape());
            return ready.toFloatArray();
        }
    }
}
