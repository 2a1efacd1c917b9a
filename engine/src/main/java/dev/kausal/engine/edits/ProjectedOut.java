package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;

/**
 * The activation without its component in a subspace at each position, {@code x - (x · r) r} for one direction
 * (directional ablation, Arditi et al. 2024).
 *
 * @param subspace what is removed
 */
public record ProjectedOut(Subspace subspace) implements WithoutRuns {
    @Override
    public boolean callsScript() {
        return false;
    }

    @Override
    public boolean adds() {
        return true;
    }

    @Override
    public NDArray of(NDArray before, Target target, Sources sources) {
        return before.sub(subspace.projected(before, target));
    }
}
