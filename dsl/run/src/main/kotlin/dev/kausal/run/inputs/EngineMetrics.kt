package dev.kausal.run.inputs

import dev.kausal.engine.metrics.KlDivergence
import dev.kausal.engine.metrics.LargestDifference
import dev.kausal.engine.metrics.LogProbability
import dev.kausal.engine.metrics.Logit
import dev.kausal.engine.metrics.LogitDifference
import dev.kausal.engine.metrics.Loss
import dev.kausal.engine.metrics.Metric
import dev.kausal.engine.metrics.Probability
import dev.kausal.engine.metrics.ProbabilityDifference
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PromptSpec

/**
 * Returns the engine's form of a metric on this example, before normalisation. Accuracy is the difference whose sign it is.
 *
 * @param reference number of the clean run, whose logits a divergence compares with
 * @param named returns a metric of the script
 */
internal fun ContrastSpec.metric(
    spec: MetricSpec,
    reference: () -> Int,
    named: (MetricSpec.Named) -> Metric,
): Metric {
    val right = answers.map { it.id }
    val wrong = foils.map { it.id }
    return when (spec) {
        MetricSpec.LogitDifference -> LogitDifference(right, wrong)
        MetricSpec.Accuracy -> LargestDifference(right, wrong)
        MetricSpec.Logit -> Logit(right)
        MetricSpec.Probability -> Probability(right)
        MetricSpec.LogProbability -> LogProbability(right)
        MetricSpec.ProbabilityDifference -> ProbabilityDifference(right, wrong)
        MetricSpec.Kl -> KlDivergence(reference())
        MetricSpec.Loss -> Loss()
        is MetricSpec.Likelihood -> error("the tokens of one continuation are measured, by their number")
        is MetricSpec.Recovery -> metric(spec.of, reference, named)
        is MetricSpec.Named -> named(spec)
    }
}

/** Returns the continuations that this metric reads on [contrast]; one without tokens if it reads the prompt alone. */
internal fun MetricSpec.continuations(contrast: ContrastSpec): List<List<Int>> =
    (plain as? MetricSpec.Likelihood)?.continuations(contrast) ?: listOf(emptyList())

/**
 * Returns the metric's value on [contrast] from what the engine [measured], one number for each of its [continuations].
 */
internal fun MetricSpec.value(
    contrast: ContrastSpec,
    measured: List<Double>,
): Double = (plain as? MetricSpec.Likelihood)?.value(contrast, measured) ?: value(measured.single())

/** Returns the metric's value from what the engine [measured]: accuracy is 1 if the difference is positive, else 0. */
internal fun MetricSpec.value(measured: Double): Double =
    if (plain == MetricSpec.Accuracy) (if (measured > 0) 1.0 else 0.0) else measured

/** Returns the positions of this place in [prompt]. */
internal fun PlaceSpec.positions(prompt: PromptSpec): List<Int> {
    val rows = rows(prompt)
    return if (rows.all()) prompt.tokens.indices.toList() else (rows.first()..rows.last()).toList()
}
