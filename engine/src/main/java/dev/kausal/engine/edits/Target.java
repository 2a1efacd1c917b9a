package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.hooks.HookPoint;
import java.util.Arrays;

/**
 * The units of a hook point that an edit replaces.
 *
 * @param point the hook point
 * @param part its units
 */
public record Target(HookPoint point, Part part) {
    /** Returns the canonical name of the hook point. */
    public String site() {
        return point.name();
    }

    /** Returns the axis of positions; of queries, for scores and pattern. */
    int rowAxis() {
        return point.rowAxis();
    }

    /** Narrows an activation of the point to {@code rows} and the part's units. */
    public NDArray cut(NDArray activation, PositionRange rows) {
        return activation.get(index(activation, rows));
    }

    /** Returns {@code value}, checked to have the shape and data type of {@code before}. */
    NDArray fitting(NDArray value, NDArray before) {
        Misfit.of(value, before.getShape(), before.getDataType()).ifPresent(misfit -> {
            throw new EditException(site(), "puts " + misfit);
        });
        return value;
    }

    /** Returns the number of units per position of {@code activation} [1, position, ...]. */
    int units(NDArray activation) {
        return (int) (activation.size() / activation.getShape().get(1));
    }

    /**
     * Returns {@code vector} at every position of {@code before}, or added to it.
     *
     * @throws EditException if the vector has another number of units, or the point is scores or pattern
     */
    NDArray filled(NDArray before, float[] vector, boolean added) {
        if (point.kind().attention()) {
            throw new EditException(site(), "puts a vector in place of attention. Choose another hook point.");
        }
        if (vector.length != units(before)) {
            throw new EditException(
                    site(),
                    "puts a vector of " + vector.length + " numbers in place of " + units(before)
                            + ". Use equally many.");
        }
        long[] shape = before.getShape().getShape().clone();
        shape[1] = 1;
        NDArray row = before.getManager().create(vector, new Shape(shape));
        return added ? before.add(row) : row.broadcast(before.getShape());
    }

    /**
     * Returns the index of positions and units in [1, position, (head,) unit], or [1, head, query, key] for patterns.
     */
    public NDIndex index(NDArray array, PositionRange rows) {
        int rank = array.getShape().dimension();
        String[] parts = new String[rank];
        Arrays.fill(parts, ":");
        if (!rows.all()) {
            parts[rowAxis()] = range(rows.first(), rows.last(), array, rowAxis());
        }
        part.narrowed(point, rank)
                .ifPresent(one -> parts[one.axis()] = range(one.index(), one.index(), array, one.axis()));
        return new NDIndex(String.join(",", parts));
    }

    private String range(int first, int last, NDArray array, int axis) {
        long size = array.getShape().get(axis);
        if (last >= size) {
            throw new EditException(
                    site(), "names index " + last + " of an axis of size " + size + " (0 to " + (size - 1) + ").");
        }
        return first + ":" + (last + 1);
    }
}
