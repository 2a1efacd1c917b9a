package dev.kausal.dsl.bind

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.declare.Watcher
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.HookCall
import dev.kausal.spec.MeasuredExample

/**
 * An experiment that a model can run: data, and the functions that the script wrote.
 *
 * @property activations by `ValueSpec.Lambda.index`
 * @property metrics by `MetricSpec.Named.index`
 * @property images by `ImageSpec.picture`
 * @property watchers by the index that a watching hook has in the spec
 */
public class BoundExperiment(
    public val spec: ExperimentSpec,
    public val activations: List<(NDArray, HookCall) -> NDArray>,
    public val metrics: List<(NDArray, MeasuredExample) -> Double>,
    public val images: Map<String, SeenImage> = emptyMap(),
    public val watchers: List<Watcher> = emptyList(),
) {
    /** The same experiment, naming the weights that it runs on. */
    public fun onWeights(sha256: String): BoundExperiment =
        BoundExperiment(spec.copy(model = spec.model.copy(sha256 = sha256)), activations, metrics, images, watchers)
}
