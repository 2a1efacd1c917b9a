package dev.kausal.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FusedTest {
    private static final double TOLERANCE = 2e-6;

    private static float[] floats(NDManager manager, int... shape) {
        Torch.inference();
        long[] sizes = new long[shape.length];
        for (int i = 0; i < shape.length; i++) {
            sizes[i] = shape[i];
        }
        try (NDArray array = manager.randomNormal(new Shape(sizes))) {
            return array.toFloatArray();
        }
    }

    private static double gelu(double x) {
        return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 300})
    void activationsAreWhatTheirFormulasSay(int rows) {
        try (NDManager manager = Torch.manager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            float[] x = floats(manager, rows, 33);
            float[] y = floats(manager, rows, 33);
            NDArray first = manager.create(x, new Shape(rows, 33));
            float[] tanh = Fused.geluTanh(first).toFloatArray();
            float[] gate = Fused.siluGate(first, manager.create(y, new Shape(rows, 33)))
                    .toFloatArray();
            for (int i = 0; i < x.length; i++) {
                assertEquals(gelu(x[i]), tanh[i], TOLERANCE);
                assertEquals(x[i] / (1 + Math.exp(-x[i])) * y[i], gate[i], TOLERANCE * 10);
            }
            assertEquals(x[0], first.toFloatArray()[0]);
        }
    }

    @Test
    void halvesTurnAgainstEachOther() {
        try (NDManager manager = Torch.manager();
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            float[] x = floats(manager, 2, 3, 4);
            float[] angle = floats(manager, 2, 1, 2);
            NDArray angles = manager.create(angle, new Shape(2, 1, 2));
            // Not contiguous: queries, keys and values are views of one projection.
            NDArray view = manager.create(x, new Shape(2, 3, 4))
                    .concat(manager.zeros(new Shape(2, 1, 4)), 1)
                    .get(":, 0:3");
            float[] turned =
                    Fused.rotateHalves(view, angles.cos(), angles.sin()).toFloatArray();
            for (int row = 0; row < 2; row++) {
                for (int head = 0; head < 3; head++) {
                    for (int pair = 0; pair < 2; pair++) {
                        int at = (row * 3 + head) * 4 + pair;
                        double cos = Math.cos(angle[row * 2 + pair]);
                        double sin = Math.sin(angle[row * 2 + pair]);
                        assertEquals(x[at] * cos - x[at + 2] * sin, turned[at], TOLERANCE);
                        assertEquals(x[at + 2] * cos + x[at] * sin, turned[at + 2], TOLERANCE);
                    }
                }
            }
        }
    }

    @Test
    void resultsBelongToTheOpenScopeAndMayBeChangedInPlace() {
        try (NDManager manager = Torch.manager()) {
            NDArray x = manager.ones(new Shape(3));
            NDArray result;
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                result = Fused.geluTanh(x);
                result.addi(1);
                assertEquals(1 + gelu(1), result.getFloat(0), TOLERANCE);
            }
            assertThrows(IllegalStateException.class, result::toFloatArray);
        }
    }
}
