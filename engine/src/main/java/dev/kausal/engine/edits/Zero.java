package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** Zeros. */
public record Zero() implements Replacement {
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
        return false;
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
        return before.zerosLike();
    }

    @Override
    public Optional<Table> table(String site, int rows, Sources sources) {
        return Optional.of(Table.zeros(this));
    }
}
