package dev.kausal.run.inputs

import dev.kausal.engine.analysis.attention.PatchGrid
import dev.kausal.engine.metrics.Logit
import dev.kausal.engine.metrics.MetricMath
import dev.kausal.engine.requests.Outputs
import dev.kausal.engine.requests.Relevance
import dev.kausal.run.backend.Backend
import dev.kausal.spec.PromptSpec
import kotlin.math.exp

/** A classifier's logits for images, and the relevance of patches. */
internal class ClassifierOutputs(
    private val backend: Backend,
    private val inputs: EngineInputs,
) {
    /** Returns the logits [class]. */
    fun logits(prompt: PromptSpec): FloatArray =
        backend.answer(Outputs(listOf(inputs.of(prompt)), listOf(prompt.readAt))).single()

    fun predicted(prompt: PromptSpec): Int = logits(prompt).let { logits -> logits.indices.maxBy { logits[it] } }

    /** Returns the gradient-weighted attention to patches [patch] for the logit of one or several classes [of]. */
    fun relevance(
        prompt: PromptSpec,
        of: Logit,
    ): List<Double> {
        val input = inputs.of(prompt)
        val relevance = backend.answer(Relevance(input, of))
        // The identity is not attention.
        relevance.indices.forEach { relevance[it][it] -= 1.0 }
        return PatchGrid.of(backend.config, input).fromImage(relevance)
    }

    companion object {
        fun probabilities(logits: FloatArray): List<Double> =
            MetricMath.logSoftmax(logits).map { exp(it) }
    }
}

/** Selects from [query, key] the row of `[CLS]`, or the mean over patches, at the patches. */
internal fun PatchGrid.fromImage(mixed: Array<DoubleArray>): List<Double> {
    if (hasCls()) return patches(mixed[cls()]).toList()
    val rows = (prefix().size until length()).map { patches(mixed[it]) }
    return List(patches()) { patch -> rows.sumOf { it[patch] } / rows.size }
}
