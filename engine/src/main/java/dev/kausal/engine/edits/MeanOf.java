package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** The mean of the same site over every position of these runs: one vector for all rows. */
public record MeanOf(List<Integer> averages) implements Averaging {
    public MeanOf {
        averages = List.copyOf(averages);
    }

    @Override
    public Optional<Averaged> averaged() {
        return Optional.of(new Averaged(averages, false));
    }

    @Override
    public Replacement renumbered(IntUnaryOperator runs) {
        return new MeanOf(averages.stream().map(runs::applyAsInt).toList());
    }

    @Override
    public NDArray of(NDArray before, Target target, Sources sources) {
        NDArray vector = sources.mean(new Averaged(averages, false), target.site());
        return target.cut(vector, PositionRange.ALL).broadcast(before.getShape());
    }

    @Override
    public Optional<Table> table(String site, int rows, Sources sources) {
        return Optional.of(Table.sameRow(this, sources.mean(new Averaged(averages, false), site)));
    }
}
