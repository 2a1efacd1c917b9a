package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.forward.ForwardPass;
import dev.kausal.engine.forward.Transformer;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Recording;

/** One recorded forward pass and its backward pass. */
final class Backward {
    private Backward() {}

    /** Leaves gradients at all arrays that keep them and returns the objective. Needs an open NDScope. */
    static double of(Transformer model, InputBatch batch, Hooks hooks, Objective objective, NDManager local) {
        return of(new ForwardPass(model, hooks).run(batch, objective.rows(batch), local), batch, objective);
    }

    /** Leaves gradients at all arrays that keep them and returns the objective of a recorded pass's outputs. */
    static double of(NDArray outputs, InputBatch batch, Objective objective) {
        NDArray number = objective.of(outputs, batch);
        if (number.getShape().size() != 1) {
            throw ObjectiveException.notOneNumber(number.getShape());
        }
        if (!Recording.backward(number)) {
            throw ObjectiveException.notFollowed();
        }
        return number.toFloatArray()[0];
    }
}
