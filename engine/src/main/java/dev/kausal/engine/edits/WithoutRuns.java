package dev.kausal.engine.edits;

import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** A replacement that reads no other run, so that it is the same in every plan. */
public sealed interface WithoutRuns extends Replacement
        permits FeatureEdit, GaussianNoise, GivenVector, ProjectedOut, RandomVector, ScriptFunction, Zero {
    @Override
    default List<Integer> runs() {
        return List.of();
    }

    @Override
    default Optional<Averaged> averaged() {
        return Optional.empty();
    }

    @Override
    default Replacement renumbered(IntUnaryOperator runs) {
        return this;
    }
}
