package dev.kausal.dsl.declare

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.WatchTrigger
import dev.kausal.dsl.Watched
import dev.kausal.engine.hooks.HookPoint

/** The functions of a read-only hook. */
public class Watcher internal constructor(
    internal val trigger: WatchTrigger,
    private val callback: (NDArray, Watched) -> Unit,
) {
    /**
     * Whether to call the script's function for an activation, at this point in this example's run; null for always.
     */
    public val condition: ((NDArray, HookPoint, String) -> Boolean)? =
        trigger.condition?.let { condition -> { x, point, example -> condition(x, Watched(point, example)) } }

    /** Calls the script's function with an activation, its point, and the label of the example. */
    public fun call(
        activation: NDArray,
        point: HookPoint,
        example: String,
    ): Unit = callback(activation, Watched(point, example))
}
