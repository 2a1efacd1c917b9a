package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.hooks.HookPoint;

/**
 * Sources of an edit that also reads its own run.
 *
 * @param others activations of other runs
 * @param here activation of the edited run, narrowed to the edit's rows
 */
public record WithOwnActivation(Sources others, NDArray here) implements Sources {
    @Override
    public NDArray activation(int run, String site) {
        return others.activation(run, site);
    }

    @Override
    public NDArray added(int run, HookPoint writer, PositionRange rows, NDArray change) {
        return others.added(run, writer, rows, change);
    }

    @Override
    public NDArray mean(Averaged over, String site) {
        return others.mean(over, site);
    }
}
