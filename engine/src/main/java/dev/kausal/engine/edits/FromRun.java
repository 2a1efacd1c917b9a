package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/** Activations of another run at the same site and units, at {@code rows} of that run; as many rows as the edit has. */
public record FromRun(int run, PositionRange rows) implements Replacement {
    @Override
    public List<Integer> runs() {
        return List.of(run);
    }

    @Override
    public Optional<Averaged> averaged() {
        return Optional.empty();
    }

    @Override
    public boolean callsScript() {
        return false;
    }

    @Override
    public Replacement renumbered(IntUnaryOperator runs) {
        return new FromRun(runs.applyAsInt(run), rows);
    }

    @Override
    public Optional<FromRun> copied() {
        return Optional.of(this);
    }

    @Override
    public boolean adds() {
        return false;
    }

    @Override
    public NDArray of(NDArray before, Target target, Sources sources) {
        return target.fitting(target.cut(sources.activation(run, target.site()), rows), before);
    }

    @Override
    public Optional<Table> table(String site, int count, Sources sources) {
        FromRun whole = new FromRun(run, PositionRange.ALL);
        return Table.from(whole, sources.activation(run, site), rows, count);
    }
}
