package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.hooks.HookPoint;
import java.util.Arrays;

/**
 * The units of a hook point that an edit replaces.
 *
 * @param point where
 * @param part which units
 */
public record Target(HookPoint point, Part part) {
    /** Canonical name of the hook point. */
    public String site() {
        return point.name();
    }

    /** Axis of the positions; queries, for scores and pattern. */
    int rowAxis() {
        return point.rowAxis();
    }

    /** Returns these rows and the part's units of an activation of the point. */
    NDArray cut(NDArray activation, PositionRange rows) {
        return activation.get(index(activation, rows));
    }

    /** Returns {@code value} if it has the shape and data type of {@code before}. */
    NDArray fitting(NDArray value, NDArray before) {
        Misfit.of(value, before.getShape(), before.getDataType()).ifPresent(misfit -> {
            throw new EditException(site(), "puts " + misfit);
        });
        return value;
    }

    /** Returns the number of units that each position of {@code activation} has, which is [1, position, ...]. */
    int units(NDArray activation) {
        return (int) (activation.size() / activation.getShape().get(1));
    }

    /**
     * Returns {@code vector} at every position of {@code before}, or added to it.
     *
     * @throws EditException if the vector has another number of units, or the point shows attention
     */
    NDArray filled(NDArray before, float[] vector, boolean added) {
        if (point.kind().attention()) {
            throw new EditException(site(), "puts a vector where queries look at keys.");
        }
        if (vector.length != units(before)) {
            throw new EditException(
                    site(), "puts a vector of " + vector.length + " numbers where " + units(before) + " are.");
        }
        long[] shape = before.getShape().getShape().clone();
        shape[1] = 1;
        NDArray row = before.getManager().create(vector, new Shape(shape));
        return added ? before.add(row) : row.broadcast(before.getShape());
    }

    /** Positions and units as an index into [1, position, (head,) unit], or [1, head, query, key] for patterns. */
    NDIndex index(NDArray array, PositionRange rows) {
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
                    site(), "names index " + last + " of an axis that has " + size + ", 0 to " + (size - 1) + ".");
        }
        return first + ":" + (last + 1);
    }
}
