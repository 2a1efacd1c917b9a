package dev.kausal.engine.edits;

import java.util.List;

/** A replacement that reads the mean of several runs and nothing else of them. */
public sealed interface Averaging extends Replacement permits MeanOf, PositionMean {
    @Override
    default List<Integer> runs() {
        return List.of();
    }

    @Override
    default boolean callsScript() {
        return false;
    }
}
