package dev.kausal.engine.hooks;

import ai.djl.ndarray.NDArray;

/** A function called when the forward pass reaches a {@link HookPoint}. */
@FunctionalInterface
public interface Hook {
    /**
     * Reads or replaces an activation.
     *
     * @param activation [batch, ...] with the point's {@link HookPoint#axes()}; a private copy, which may be changed in
     *     place
     * @param point the hook point
     * @return the activation to continue with, of the same shape; {@code activation} itself if unchanged
     */
    NDArray apply(NDArray activation, HookPoint point);
}
