package dev.kausal.engine.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/** How a checkpoint's array becomes a {@link Parameter}; each returns a new array or its input. */
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
            return contiguous(x.transpose());
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
            NDArray halves = x.reshape(heads, dHead / 2, 2, in).transpose(0, 2, 1, 3);
            return contiguous(
                    contiguous(halves).reshape((long) heads * dHead, in).transpose());
        }
    };

    abstract NDArray apply(NDArray x, int heads, int dHead);

    private static NDArray contiguous(NDArray view) {
        // A matrix product with a strided weight is slower for few rows; adding zero materialises the layout once.
        NDArray packed = view.getManager().create(new Shape(view.getShape().getShape()));
        view.copyTo(packed);
        return packed;
    }
}
