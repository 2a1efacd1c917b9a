package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/**
 * The mean of the same site over runs of equal length, by position; for scores and pattern by query and key, so that
 * masked keys stay masked.
 *
 * @param averages runs to average
 * @param rows positions whose means are written; as many as the edit has
 */
public record PositionMean(List<Integer> averages, PositionRange rows) implements Averaging {
    public PositionMean {
        averages = List.copyOf(averages);
    }

    @Override
    public Optional<Averaged> averaged() {
        return Optional.of(new Averaged(averages, true));
    }

    @Override
    public Replacement renumbered(IntUnaryOperator runs) {
        return new PositionMean(averages.stream().map(runs::applyAsInt).toList(), rows);
    }

    @Override
    public NDArray of(NDArray before, Target target, Sources sources) {
        NDArray mean = sources.mean(new Averaged(averages, true), target.site());
        return target.fitting(target.cut(mean, rows), before);
    }

    @Override
    public Optional<Table> table(String site, int count, Sources sources) {
        PositionMean whole = new PositionMean(averages, PositionRange.ALL);
        return Table.from(whole, sources.mean(new Averaged(averages, true), site), rows, count);
    }
}
