package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;

/** How the activation of a feature changes. */
public sealed interface FeatureChange {
    /** Returns whether the change depends on the feature's activation. */
    boolean readsActivations();

    /**
     * Returns what is added to the activation.
     *
     * @param active the activation [row, 1]; null if it is not read
     * @param x rows of the hook point [row, d_in]
     * @return [row, 1]
     */
    NDArray added(@Nullable NDArray active, NDArray x);

    /** To a value, whatever the activation is; to 0 it is an ablation. */
    record To(float value) implements FeatureChange {
        @Override
        public boolean readsActivations() {
            return true;
        }

        @Override
        public NDArray added(@Nullable NDArray active, NDArray x) {
            if (active == null) {
                throw new IllegalArgumentException("the activation is needed");
            }
            NDArray negative = active.neg();
            return value == 0 ? negative : negative.add(filled(x, value));
        }
    }

    /** By an amount, at every position. */
    record By(float amount) implements FeatureChange {
        @Override
        public boolean readsActivations() {
            return false;
        }

        @Override
        public NDArray added(@Nullable NDArray active, NDArray x) {
            return filled(x, amount);
        }
    }

    private static NDArray filled(NDArray x, float value) {
        return x.getManager().full(new Shape(x.getShape().get(0), 1), value, x.getDataType());
    }
}
