package dev.kausal.engine.hooks;

import ai.djl.ndarray.NDArray;

/** What runs when the forward pass reaches a {@link HookPoint}. */
@FunctionalInterface
public interface Hook {
    /**
     * Reads or replaces an activation.
     *
     * @param activation [batch, ...] with the point's {@link HookPoint#axes()}; a private copy, so it may be changed in place
     * @param point where the pass is
     * @return the activation to go on with, of the same shape; {@code activation} itself where nothing changes
     */
    NDArray apply(NDArray activation, HookPoint point);
}
