package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.tensor.Recording;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;

/** A script's function of the activation, [1, position, ...] cut to rows and units. */
public record ScriptFunction(UnaryOperator<NDArray> function) implements Replacement {
    @Override
    public List<Integer> runs() {
        return List.of();
    }

    @Override
    public List<Integer> averaged() {
        return List.of();
    }

    @Override
    public boolean callsScript() {
        return true;
    }

    @Override
    public Replacement renumbered(IntUnaryOperator runs) {
        return this;
    }

    @Override
    public Optional<FromRun> copied() {
        return Optional.empty();
    }

    @Override
    public NDArray of(NDArray before, Target target, Sources sources) {
        return target.fitting(function.apply(Recording.copy(before)), before);
    }

    @Override
    public Optional<Table> table(String site, int rows, Sources sources) {
        return Optional.empty();
    }
}
