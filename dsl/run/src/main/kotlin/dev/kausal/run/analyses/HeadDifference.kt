package dev.kausal.run.analyses

import dev.kausal.engine.requests.HeadResults
import dev.kausal.run.backend.Backend
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.numbered
import dev.kausal.run.inputs.rows
import dev.kausal.spec.HeadDifferenceSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import kotlin.math.sqrt

/** Norms of the differences of head results between clean and corrupted runs, two passes per example. */
internal object HeadDifferenceAnalysis : JournaledReading<HeadDifferenceSpec>(HeadDifferenceSpec::class) {
    override fun read(
        spec: HeadDifferenceSpec,
        on: RunContext,
    ): List<Result> {
        val config = on.backend.config
        val rows =
            on.perExample(spec) { contrast ->
                val clean = headResults(on.backend, contrast.clean, spec.place)
                val corrupted = headResults(on.backend, checkNotNull(contrast.corrupted), spec.place)
                clean.indices.flatMap { layer -> norms(clean[layer], corrupted[layer], config.heads()) }
            }
        val contrasts = on.contrasts(spec)
        val result =
            measured(
                spec.name,
                ResultKind.HeadDifference,
                "norm of the difference",
                listOf(numbered("layer", config.layers()), numbered("head", config.heads())),
                contrasts.map { it.label },
                rows,
            ).copy(notes = listOf("Norms are never below 0, so they are not tested; they rank heads."))
        return listOf(on.inference?.of(result, contrasts, tested = { false }) ?: result)
    }
}

/** Returns each head's result at the last position of [place], [layer][head × d_model]. */
private fun headResults(
    backend: Backend,
    prompt: PromptSpec,
    place: PlaceSpec,
): Array<FloatArray> {
    val rows = place.rows(prompt)
    val position = if (rows.all()) prompt.ids.lastIndex else rows.last()
    return backend.answer(HeadResults(prompt.ids, position))
}

private fun norms(
    a: FloatArray,
    b: FloatArray,
    heads: Int,
): List<Double> {
    val width = a.size / heads
    return List(heads) { head ->
        var squares = 0.0
        for (i in head * width until (head + 1) * width) squares += (a[i] - b[i]).toDouble() * (a[i] - b[i])
        sqrt(squares)
    }
}
