package dev.kausal.run.inputs

import dev.kausal.engine.hooks.HookKind
import dev.kausal.engine.requests.Embeddings
import dev.kausal.run.backend.Backend
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.PositionRange
import dev.kausal.spec.PromptSpec
import kotlin.math.sqrt

/**
 * The unit of noise in Meng et al. 2022: the standard deviation over all elements of the subjects' embeddings, or of
 * whole prompts if no subject is marked, or of an image's patches.
 */
internal class EmbeddingDeviation(
    private val backend: Backend,
    private val inputs: EngineInputs,
) {
    /** A standard deviation, and the number of embeddings behind it. */
    class Deviation(
        val deviation: Double,
        val embeddings: Int,
    )

    /** Measures the clean inputs of [contrasts]. */
    fun of(contrasts: List<ContrastSpec>): Deviation {
        val cleans = contrasts.map { it.clean }
        if (cleans.any { it.image != null }) return measured(cleans.flatMap { patches(it) }.map { it to 1 })
        return ofTokens(cleans.flatMap { it.subjectTokens })
    }

    /** Measures the embeddings of [tokens], counted by occurrence. */
    fun ofTokens(tokens: List<Int>): Deviation =
        tokens.groupingBy { it }.eachCount().let { times ->
            measured(backend.answer(Embeddings(times.keys.toList())).zip(times.values))
        }

    /** Measures the elements of [rows], each with its multiplicity. */
    private fun measured(rows: List<Pair<FloatArray, Int>>): Deviation {
        val embeddings = rows.sumOf { it.second }
        val count = rows.sumOf { (row, times) -> row.size.toLong() * times }
        val mean = rows.sumOf { (row, times) -> times * row.sumOf { it.toDouble() } } / count
        val squares = rows.sumOf { (row, times) -> times * row.sumOf { (it - mean) * (it - mean) } }
        return Deviation(sqrt(squares / (count - 1)), embeddings)
    }

    private fun patches(prompt: PromptSpec): List<FloatArray> {
        val embed = Readings(backend, inputs).of(prompt, listOf(HookKind.EMBED.name(-1))).single()
        val range: PositionRange = prompt.spans.getValue("patches")
        val width = backend.config.dModel()
        return (range.first..range.last).map { embed.values.copyOfRange(it * width, (it + 1) * width) }
    }
}
