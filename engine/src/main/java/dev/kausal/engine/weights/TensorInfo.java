package dev.kausal.engine.weights;

import java.util.List;

/**
 * A weight file's entry for one tensor.
 *
 * @param name name in the file
 * @param dtype the file's own term, such as {@code BF16} or {@code Q4_1}
 * @param shape row-major (PyTorch order), outermost axis first; a GGUF's reversed axes are already reordered
 */
public record TensorInfo(String name, String dtype, List<Long> shape) {
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /** Returns the number of elements. */
    public long size() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
