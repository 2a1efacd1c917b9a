package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;

/**
 * The activation plus given rows, one per position. Many edits may share the numbers; two replacements are equal if
 * they add the same rows of the same array.
 */
public final class AddedRows implements WithoutRuns {
    private final float[] values;
    private final int width;
    private final PositionRange rows;

    /**
     * Creates a replacement; {@code values} must not change afterwards.
     *
     * @param values [position, unit], all positions of an input
     * @param width units of a position
     * @param rows positions that are added, as many as the edit has
     */
    public AddedRows(float[] values, int width, PositionRange rows) {
        this.values = values;
        this.width = width;
        this.rows = rows;
    }

    @Override
    public boolean callsScript() {
        return false;
    }

    @Override
    public boolean adds() {
        return true;
    }

    @Override
    public NDArray of(NDArray before, Target target, Sources sources) {
        int from = rows.first() * width;
        float[] added = Arrays.copyOfRange(values, from, from + rows.count(values.length / width) * width);
        if (added.length != before.size()) {
            throw new EditException(
                    target.site(),
                    "adds " + added.length + " numbers to " + before.size()
                            + ". Use equally many positions and units.");
        }
        return before.add(before.getManager().create(added, before.getShape()));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AddedRows same && same.values == values && same.rows.equals(rows);
    }

    @Override
    public int hashCode() {
        return 31 * System.identityHashCode(values) + rows.hashCode();
    }
}
