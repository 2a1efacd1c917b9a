package dev.kausal.run.context

import ai.djl.ndarray.NDArray
import dev.kausal.engine.config.Input
import dev.kausal.engine.hooks.HookPoint
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.HookCall
import dev.kausal.spec.MeasuredExample

/**
 * An experiment to run: data, and the functions that its script wrote.
 *
 * @property activations by `ValueSpec.Lambda.index`
 * @property metrics by `MetricSpec.Named.index`
 * @property images what the model reads, by `ImageSpec.picture`
 * @property watchers by the index that a watching hook has in the spec
 */
public class RunnableExperiment(
    public val spec: ExperimentSpec,
    public val activations: List<(NDArray, HookCall) -> NDArray> = emptyList(),
    public val metrics: List<(NDArray, MeasuredExample) -> Double> = emptyList(),
    public val images: Map<String, Input> = emptyMap(),
    public val watchers: List<WatchFunctions> = emptyList(),
)

/**
 * The functions of a hook that only watches. Each gets an activation, its hook point, and the label of the example.
 *
 * @property condition whether [callback] is called; null for always
 */
public class WatchFunctions(
    public val condition: ((NDArray, HookPoint, String) -> Boolean)?,
    public val callback: (NDArray, HookPoint, String) -> Unit,
)
