package dev.kausal.engine.weights;

import java.nio.file.Path;

/** A tensor with NaN or infinity, which would make every result meaningless. */
public final class NonFiniteWeightsException extends WeightsException {
    private static final long serialVersionUID = 1L;

    private final String tensor;
    private final long count;
    private final long size;
    private final long firstIndex;

    /**
     * @param path the file
     * @param tensor name of the tensor
     * @param count number of its elements that are NaN or infinite
     * @param size number of its elements
     * @param firstIndex flat, row-major index of the first non-finite element
     */
    public NonFiniteWeightsException(Path path, String tensor, long count, long size, long firstIndex) {
        super(
                Blame.USER,
                path,
                "Tensor '" + tensor + "' in " + path + ": expected finite float32 values, found " + count
                        + " of " + size + " NaN or infinite, the first at flat index " + firstIndex
                        + ". Download the file again, or use another checkpoint.");
        this.tensor = tensor;
        this.count = count;
        this.size = size;
        this.firstIndex = firstIndex;
    }

    public String tensor() {
        return tensor;
    }

    public long count() {
        return count;
    }

    public long size() {
        return size;
    }

    public long firstIndex() {
        return firstIndex;
    }
}
