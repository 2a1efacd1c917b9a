package dev.kausal.engine.edits;

import java.util.List;

/** A replacement that reads only the mean of several runs. */
public sealed interface Averaging extends Replacement permits MeanOf, PositionMean {
    @Override
    default List<Integer> runs() {
        return List.of();
    }

    @Override
    default boolean adds() {
        return false;
    }

    @Override
    default boolean callsScript() {
        return false;
    }
}
