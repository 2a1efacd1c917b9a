package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.util.NativeResource;
import java.util.Optional;

/** Why an array cannot replace an activation. */
public final class Misfit {
    private Misfit() {}

    /**
     * Returns what is wrong with {@code value} as a replacement, as the object of "puts"; empty if it fits.
     *
     * @param value the replacement; null if a function returned none
     * @param shape shape of the activation
     * @param type data type of the activation
     */
    public static Optional<String> of(NDArray value, Shape shape, DataType type) {
        if (value == null) {
            return Optional.of("no array in place of one of shape " + shape + ".");
        }
        if (value instanceof NativeResource<?> resource && resource.isReleased()) {
            return Optional.of(
                    "an array that is already closed. A function must not close its array, nor return one of an earlier call.");
        }
        if (!value.getShape().equals(shape)) {
            return Optional.of(value.getShape() + " in place of " + shape + ". Use equally many positions and units.");
        }
        if (value.getDataType() != type) {
            return Optional.of(value.getDataType() + " in place of " + type + ". Convert it with toType(DataType."
                    + type.name() + ", false).");
        }
        return Optional.empty();
    }
}
