package dev.kausal.engine.weights;

import java.util.List;

/**
 * The entry of a weight file for one tensor.
 *
 * @param name as the file has it
 * @param dtype the file's own word, such as {@code BF16} or {@code Q4_1}
 * @param shape row-major (PyTorch order), outermost axis first; a GGUF's reversed axes are already turned
 */
public record TensorInfo(String name, String dtype, List<Long> shape) {
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /** Number of elements. */
    public long size() {
        return shape.stream().reduce(1L, Math::multiplyExact);
    }
}
