package dev.kausal.engine.family;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.config.PatchConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * How a checkpoint's array becomes a {@link Parameter}; each returns a new array or its input. {@link #apply} leaves no
 * view of the input open, since it would keep the input's memory alive as long as the model.
 */
public enum Transform {
    /** No change. */
    NONE {
        @Override
        NDArray apply(NDArray x, int heads, int dHead) {
            return x;
        }

        @Override
        public NDArray undo(NDArray x, int heads, int dHead) {
            return x;
        }
    },
    /** Transposes: PyTorch's Linear stores [output, input]; rows multiply [input, output]. */
    TRANSPOSE {
        @Override
        NDArray apply(NDArray x, int heads, int dHead) {
            try (NDArray view = x.transpose()) {
                return contiguous(view);
            }
        }

        @Override
        NDArray view(NDArray x, int heads, int dHead) {
            return x.transpose();
        }

        @Override
        public NDArray undo(NDArray x, int heads, int dHead) {
            return apply(x, heads, dHead);
        }
    },
    /**
     * Restores halves, then transposes: llama.cpp stores a rotary head's rows interleaved (0, half, 1, half + 1, ...)
     * to rotate neighbouring pairs.
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

        @Override
        public NDArray undo(NDArray x, int heads, int dHead) {
            long in = x.getShape().get(0);
            try (NDArray rows = x.transpose();
                    NDArray halves = rows.reshape(heads, 2, dHead / 2, in);
                    NDArray pairs = halves.transpose(0, 2, 1, 3)) {
                return pairs.reshape((long) heads * dHead, in);
            }
        }
    },
    /** Adds 1 to a gain stored as its difference from 1. */
    PLUS_ONE {
        @Override
        NDArray apply(NDArray x, int heads, int dHead) {
            return x.add(1f);
        }

        @Override
        public NDArray undo(NDArray x, int heads, int dHead) {
            return x.sub(1f);
        }
    },
    /** Takes the first of a batch of one. */
    FIRST_OF_BATCH {
        @Override
        NDArray apply(NDArray x, int heads, int dHead) {
            return x.squeeze(0);
        }

        @Override
        public NDArray undo(NDArray x, int heads, int dHead) {
            return x.expandDims(0);
        }
    },
    /** Turns a vector into one row. */
    ROW {
        @Override
        NDArray apply(NDArray x, int heads, int dHead) {
            return x.expandDims(0);
        }

        @Override
        public NDArray undo(NDArray x, int heads, int dHead) {
            return x.squeeze(0);
        }
    },
    /** Turns a convolution over patches, [output, channel, row, column], into a projection of a patch's values. */
    PATCHES {
        @Override
        NDArray apply(NDArray x, int heads, int dHead) {
            try (NDArray flat = x.reshape(x.getShape().get(0), -1)) {
                return TRANSPOSE.apply(flat, heads, dHead);
            }
        }

        @Override
        public NDArray undo(NDArray x, int heads, int dHead) {
            return TRANSPOSE.apply(x, heads, dHead); // Row-major: the axes of a patch are contiguous.
        }
    },
    /** Regroups queries, keys and values stored by head, [head, (q, k, v), d_head], one after another. */
    BY_HEAD {
        @Override
        NDArray apply(NDArray x, int heads, int dHead) {
            return byHead(x, heads, dHead);
        }

        @Override
        public NDArray undo(NDArray x, int heads, int dHead) {
            try (NDArray apart = x.reshape(3, heads, dHead, -1);
                    NDArray together = apart.swapAxes(0, 1)) {
                return together.reshape(x.getShape());
            }
        }
    },
    /** Regroups a matrix by head, then transposes. */
    BY_HEAD_TRANSPOSE {
        @Override
        NDArray apply(NDArray x, int heads, int dHead) {
            try (NDArray apart = byHead(x, heads, dHead)) {
                return TRANSPOSE.apply(apart, heads, dHead);
            }
        }

        @Override
        public NDArray undo(NDArray x, int heads, int dHead) {
            try (NDArray rows = TRANSPOSE.apply(x, heads, dHead)) {
                return BY_HEAD.undo(rows, heads, dHead);
            }
        }
    };

    /** Returns the tensor's shape in the checkpoint for a parameter's shape. */
    public List<Long> inFile(long[] parameter, ModelConfig config) {
        List<Long> shape = new ArrayList<>(Arrays.stream(parameter).boxed().toList());
        if (this == FIRST_OF_BATCH) {
            shape.add(0, 1L);
        }
        if (this == ROW) {
            return shape.subList(1, shape.size());
        }
        if (this == PATCHES) {
            PatchConfig image = config.embedding().image().orElseThrow();
            return List.of(
                    parameter[1], (long) image.channels(), (long) image.patchRows(), (long) image.patchColumns());
        }
        if (this == TRANSPOSE || this == UNPERMUTE_TRANSPOSE || this == BY_HEAD_TRANSPOSE) {
            Collections.reverse(shape);
        }
        return shape;
    }

    abstract NDArray apply(NDArray x, int heads, int dHead);

    /** Returns the same values, as a view where that saves copying them; products of few rows with a view are slower. */
    NDArray view(NDArray x, int heads, int dHead) {
        return apply(x, heads, dHead);
    }

    /** Converts a parameter back to the checkpoint's values, row-major: a new array or its input. */
    public abstract NDArray undo(NDArray x, int heads, int dHead);

    private static NDArray byHead(NDArray x, int heads, int dHead) {
        try (NDArray heads3 = x.reshape(heads, 3, dHead, -1);
                NDArray apart = heads3.swapAxes(0, 1)) {
            return apart.reshape(x.getShape());
        }
    }

    private static NDArray contiguous(NDArray view) {
        // A matrix product with a strided weight is slower for few rows. Flattening a strided view copies it natively;
        // NDArray.copyTo would go through a Java buffer.
        Shape shape = view.getShape();
        try (NDArray packed = view.reshape(shape.size())) {
            return packed.reshape(shape);
        }
    }
}
