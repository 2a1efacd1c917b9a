package dev.kausal.dsl.bind

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.declare.Watcher
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.HookCall
import dev.kausal.spec.MeasuredExample
import java.nio.file.Path

/**
 * An experiment bound to a model: data, and the script's functions.
 *
 * @property activations functions of activations by `ValueSpec.Lambda.index`
 * @property metrics metric functions by `MetricSpec.Named.index`
 * @property images images by `ImageSpec.picture`
 * @property watchers functions of read-only hooks by their index in the spec
 * @property dictionaries files of the spec's dictionaries
 */
public class BoundExperiment(
    public val spec: ExperimentSpec,
    public val activations: List<(NDArray, HookCall) -> NDArray>,
    public val metrics: List<(NDArray, MeasuredExample) -> Double>,
    public val images: Map<String, SeenImage> = emptyMap(),
    public val watchers: List<Watcher> = emptyList(),
    public val dictionaries: List<Path> = emptyList(),
) {
    /** Returns the same experiment with the hash of the weights that it runs on. */
    public fun onWeights(sha256: String): BoundExperiment =
        with(spec.copy(model = spec.model.copy(sha256 = sha256)))

    /** Returns the same functions and inputs with another [spec]. */
    public fun with(spec: ExperimentSpec): BoundExperiment =
        BoundExperiment(
            spec,
            activations,
            metrics,
            images,
            watchers,
            dictionaries,
        )
}
