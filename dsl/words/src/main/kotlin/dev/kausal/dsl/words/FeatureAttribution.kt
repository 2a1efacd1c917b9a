package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.gradient
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.FeatureAttributionSpec
import dev.kausal.spec.RunSpec

/**
 * Attributes [metric] to the features of [dictionary]: activation times the gradient along the feature's direction, summed over positions
 * (attribution patching of features, Marks et al. 2024). It estimates what ablating the feature takes from the metric; sweep
 * `each(found.top(20)) { ablate(it) }` to measure it.
 *
 * @param top number of features, by the size of the mean over examples
 * @param skip first positions to leave out, such as 1 for a start token
 */
public fun ExperimentScope.featureAttribution(
    inputs: Inputs<Predicts>,
    dictionary: Dictionary,
    metric: PlainMetric,
    top: Int = 20,
    run: Run = clean,
    skip: Int = 0,
): Analysis<FeaturesHandle> {
    val line = ScriptLines.line()
    return analysis({ FeaturesHandle(it, dictionary) }) {
        FeatureAttributionDeclaration(it, inputs, line, dictionary, metric, top, run, skip)
    }
}

internal class FeatureAttributionDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    override val dictionary: Dictionary,
    private val metric: PlainMetric,
    private val top: Int,
    private val run: Run,
    private val skip: Int,
) : RanksFeatures {
    override val count: Int get() = top

    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): FeatureAttributionSpec? {
        val measured = binding.sweeps.metric(line, metric, set, emptyList())
        val read = binding.readRun(this, run, set)
        binding.gradient(line, measured, EstimateSpec.Gradient(), ofClean = read == RunSpec.Clean)
        binding.dictionaries.skip(line, skip, set, run)
        val found = binding.dictionaries.of(dictionary) ?: return null
        binding.dictionaries.count(line, "top", top, found)
        return FeatureAttributionSpec(name, set.name, line, read, found.index, measured, top, skip)
    }
}
