package dev.kausal.engine.hooks;

import ai.djl.ndarray.NDArray;

/** What runs when the forward pass reaches a {@link HookPoint}. */
@FunctionalInterface
public interface Hook {
    /**
     * Reads or replaces an activation.
     *
     * @param activation axes as the point's {@link HookKind.Axes} say; a private copy, so it may be changed in place
     * @param point where the pass is
     * @return the activation to go on with, of the same shape; {@code activation} itself where nothing changes
     */
    NDArray apply(NDArray activation, HookPoint point);
}
