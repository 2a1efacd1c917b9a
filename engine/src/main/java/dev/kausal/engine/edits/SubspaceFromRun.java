package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;

/**
 * The activation with its component in a subspace taken from another run, at each position: an interchange of the
 * subspace (Geiger et al. 2023).
 *
 * @param other the run whose component is put in, with as many rows as the edit has
 * @param subspace what is exchanged
 */
public record SubspaceFromRun(FromRun other, Subspace subspace) implements Replacement {
    @Override
    public List<Integer> runs() {
        return other.runs();
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
    public boolean adds() {
        return true;
    }

    @Override
    public Replacement renumbered(IntUnaryOperator runs) {
        return new SubspaceFromRun(new FromRun(runs.applyAsInt(other.run()), other.rows()), subspace);
    }

    @Override
    public NDArray of(NDArray before, Target target, Sources sources) {
        NDArray there = other.of(before, target, sources);
        return before.add(subspace.projected(there.sub(before), target));
    }
}
