package dev.kausal.run.context

import ai.djl.ndarray.NDArray
import dev.kausal.engine.config.Input
import dev.kausal.engine.hooks.HookPoint
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.HookCall
import dev.kausal.spec.MeasuredExample
import java.nio.file.Path

/**
 * An experiment ready to run: data, and the script's functions.
 *
 * @property activations functions of activations by `ValueSpec.Lambda.index`
 * @property metrics metric functions by `MetricSpec.Named.index`
 * @property images model inputs by `ImageSpec.picture`
 * @property watchers functions of read-only hooks by their index in the spec
 * @property dictionaries files of the spec's dictionaries
 */
public class RunnableExperiment(
    public val spec: ExperimentSpec,
    public val activations: List<(NDArray, HookCall) -> NDArray> = emptyList(),
    public val metrics: List<(NDArray, MeasuredExample) -> Double> = emptyList(),
    public val images: Map<String, Input> = emptyMap(),
    public val watchers: List<WatchFunctions> = emptyList(),
    public val dictionaries: List<Path> = emptyList(),
)

/**
 * The functions of a read-only hook. Each receives an activation, its hook point, and the example's label.
 *
 * @property condition whether to call [callback]; null for always
 */
public class WatchFunctions(
    public val condition: ((NDArray, HookPoint, String) -> Boolean)?,
    public val callback: (NDArray, HookPoint, String) -> Unit,
)
