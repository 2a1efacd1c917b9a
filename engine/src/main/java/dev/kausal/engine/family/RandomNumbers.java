package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.SplittableRandom;

/** Random arrays; the same seed and shapes have the same numbers on every device. */
final class RandomNumbers {
    /** Most numbers in Java memory at a time. */
    private static final long CHUNK = 1L << 20;

    private final SplittableRandom random;

    RandomNumbers(long seed) {
        random = new SplittableRandom(seed);
    }

    /**
     * Returns an array of the same shape with normally distributed numbers of the same mean and deviation.
     *
     * @return owned by the manager of {@code array}, or by the open scope
     */
    NDArray like(NDArray array) {
        NDManager manager = array.getManager();
        double mean;
        double deviation;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray numbers = array.toType(DataType.FLOAT32, false);
            mean = numbers.mean().getFloat();
            deviation = Math.sqrt(numbers.sub((float) mean).square().mean().getFloat());
        }
        NDArray drawn = manager.zeros(array.getShape(), array.getDataType());
        long rows = array.getShape().get(0);
        long width = array.getShape().size() / rows;
        long together = Math.max(1, CHUNK / width);
        for (long from = 0; from < rows; from += together) {
            long to = Math.min(rows, from + together);
            float[] some = new float[Math.toIntExact((to - from) * width)];
            for (int i = 0; i < some.length; i++) {
                some[i] = (float) (mean + deviation * random.nextGaussian());
            }
            long[] shape = array.getShape().getShape();
            shape[0] = to - from;
            try (NDScope scope = new NDScope()) {
                scope.suppressNotUsedWarning();
                NDArray chunk = manager.create(some, new Shape(shape)).toType(array.getDataType(), false);
                drawn.set(new NDIndex(from + ":" + to), chunk);
            }
        }
        return drawn;
    }
}
