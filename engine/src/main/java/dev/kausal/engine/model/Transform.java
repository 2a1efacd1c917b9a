package dev.kausal.engine.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * How a checkpoint's array becomes a {@link Parameter}; each returns a new array or its input. No view of the input
 * stays open: it would keep the input's memory for as long as the model lives.
 */
public enum Transform {
    /** As it is. */
    NONE {
        @Override
        NDArray apply(NDArray x, int heads, int dHead) {
            return x;
        }
    },
    /** PyTorch's Linear stores [output, input]; rows multiply [input, output]. */
    TRANSPOSE {
        @Override
        NDArray apply(NDArray x, int heads, int dHead) {
            try (NDArray view = x.transpose()) {
                return contiguous(view);
            }
        }
    },
    /**
     * llama.cpp stores a rotary head's rows interleaved (0, half, 1, half + 1, ...), for rotating neighbouring pairs. Turned
     * back to halves, then transposed.
     */
    UNPERMUTE_TRANSPOSE {
        @Override
        NDArray apply(NDArray x, int heads, int dHead) {
            long in = x.getShape().get(1);
            try (NDArray pairs = x.reshape(heads, dHead / 2, 2, in);
                    NDArray halves = pairs.transpose(0, 2, 1, 3);
                    NDArray rows = halves.reshape((long) heads * dHead, in)) {
                return TRANSPOSE.apply(rows, heads, dHead);
            }
        }
    };

    abstract NDArray apply(NDArray x, int heads, int dHead);

    private static NDArray contiguous(NDArray view) {
        // A matrix product with a strided weight is slower for few rows. Flattening a strided view copies it, natively;
        // NDArray.copyTo would take the way through a Java buffer.
        Shape shape = view.getShape();
        try (NDArray packed = view.reshape(shape.size())) {
            return packed.reshape(shape);
        }
    }
}
