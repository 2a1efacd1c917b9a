package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.tensor.Recording;
import java.util.function.UnaryOperator;

/** A script's function of the activation [1, position, ...], narrowed to rows and units. */
public record ScriptFunction(UnaryOperator<NDArray> function) implements WithoutRuns {
    @Override
    public boolean callsScript() {
        return true;
    }

    @Override
    public boolean adds() {
        return true;
    }

    @Override
    public NDArray of(NDArray before, Target target, Sources sources) {
        return target.fitting(function.apply(Recording.copy(before)), before);
    }
}
