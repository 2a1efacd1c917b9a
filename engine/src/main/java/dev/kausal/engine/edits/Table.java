package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An array from which many edits copy rows in one operation.
 *
 * @param key equal for edits that read the same array
 * @param values [1, position, ...]; null for zeros
 * @param first row for the edit's first position
 * @param step rows from one position to the next; 0 if all positions get the same row
 */
public record Table(Replacement key, @Nullable NDArray values, int first, int step) {
    static Table zeros(Replacement key) {
        return new Table(key, null, 0, 0);
    }

    static Table sameRow(Replacement key, NDArray values) {
        return new Table(key, values, 0, 0);
    }

    /**
     * Returns a table that copies {@code rows} of an array; empty if it lacks these rows, or their number is not {@code
     * count}.
     *
     * @param values [1, position, ...]
     */
    static Optional<Table> from(Replacement key, NDArray values, PositionRange rows, int count) {
        int length = (int) values.getShape().get(1);
        boolean fits = (rows.all() || rows.last() < length) && rows.count(length) == count;
        return fits ? Optional.of(new Table(key, values, rows.first(), 1)) : Optional.empty();
    }

    /** Returns the values of one batch, shaped as {@code before}; {@code copied} copies them from the array. */
    NDArray rows(NDArray before, UnaryOperator<NDArray> copied) {
        return values == null ? before.zerosLike() : copied.apply(values.squeeze(0));
    }
}
