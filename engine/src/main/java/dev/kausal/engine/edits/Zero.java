package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.Optional;

/** Zeros. */
public record Zero() implements WithoutRuns {
    @Override
    public boolean callsScript() {
        return false;
    }

    @Override
    public boolean adds() {
        return false;
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
