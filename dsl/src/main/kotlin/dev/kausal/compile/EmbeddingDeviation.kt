package dev.kausal.compile

import dev.kausal.engine.hooks.HookKind
import dev.kausal.engine.model.HookedModel
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.PositionRange
import dev.kausal.spec.PromptSpec
import kotlin.math.sqrt

/**
 * The unit of noise in Meng et al. 2022: the standard deviation over all elements of the subjects' embeddings; of the
 * whole prompt where none is marked, and of an image's patches.
 */
internal class EmbeddingDeviation(
    private val model: HookedModel,
    private val inputs: EngineInputs,
) {
    fun of(contrasts: List<ContrastSpec>): Double {
        val values = contrasts.flatMap { values(it.clean) }
        val mean = values.average()
        return sqrt(values.sumOf { (it - mean) * (it - mean) } / (values.size - 1))
    }

    private fun values(prompt: PromptSpec): List<Double> {
        if (prompt.image != null) return patches(prompt)
        val subject = prompt.subject
        val tokens = if (subject == null) prompt.ids else prompt.ids.subList(subject.first, subject.last + 1)
        return tokens.flatMap { token -> row(token).map { it.toDouble() } }
    }

    private fun row(token: Int): FloatArray =
        model
            .weights()
            .embed()
            .get(token.toLong())
            .use { it.toFloatArray() }

    private fun patches(prompt: PromptSpec): List<Double> {
        val embed = Activations(model, inputs).of(prompt, listOf(HookKind.EMBED.name(-1))).single()
        val range: PositionRange = prompt.spans.getValue("patches")
        val width = model.config().dModel()
        return embed.values.slice(range.first * width until (range.last + 1) * width).map { it.toDouble() }
    }
}
