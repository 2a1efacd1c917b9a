package dev.kausal.compile

import dev.kausal.engine.hooks.HookKind
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.HeadDifferenceSpec
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.RankCorrelationSpec
import dev.kausal.spec.Result
import dev.kausal.statistics.Draws
import dev.kausal.statistics.RankCorrelation
import kotlin.math.sqrt

/** Norms of the differences of head results between clean and corrupted runs, two passes per example. */
internal fun headDifference(
    spec: HeadDifferenceSpec,
    contrasts: List<ContrastSpec>,
    model: HookedModel,
    inference: Inference?,
    progress: AnalysisProgress,
): Result {
    val config = model.config()
    progress.begin(spec.name, contrasts.size)
    val rows =
        contrasts.mapIndexed { index, contrast ->
            val clean = headResults(model, contrast.clean, spec.place)
            val corrupted = headResults(model, checkNotNull(contrast.corrupted), spec.place)
            clean.indices.map { layer -> norms(clean[layer], corrupted[layer], config.heads()) }.flatten().also {
                progress.done(index + 1)
            }
        }
    progress.end()
    val result =
        measured(
            spec.name,
            "headDifference",
            "norm of the difference",
            listOf(numbered("layer", config.layers()), numbered("head", config.heads())),
            contrasts.map { it.label },
            rows,
        ).copy(
            notes = listOf("A norm is never below 0, so it is not tested; how it ranks heads is what it says."),
        )
    return inference?.of(result, contrasts, tested = { false }) ?: result
}

/** The last position of [place], [layer][head × d_model]. */
private fun headResults(
    model: HookedModel,
    prompt: PromptSpec,
    place: PlaceSpec,
): List<FloatArray> {
    val config = model.config()
    val names = List(config.layers()) { HookKind.RESULT.name(it) }
    val rows = place.rows(prompt)
    val position = if (rows.all()) prompt.ids.lastIndex else rows.last()
    val hooks = model.noHooks()
    Torch.inference()
    return Torch.manager().use { manager ->
        hooks.capture({ it.name() in names }, manager).use { cache ->
            model.lastLogits(listOf(prompt.ids.toIntArray()), hooks, manager)
            val width = config.heads() * config.dModel()
            names.map { name ->
                val all = cache.get(name).toFloatArray()
                all.copyOfRange(position * width, (position + 1) * width)
            }
        }
    }
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

/** Spearman correlations of the sizes of mean effects; intervals where the examples are the same. */
internal fun rankCorrelation(
    spec: RankCorrelationSpec,
    rankings: Rankings,
    inference: InferenceSpec?,
    seed: Long,
): Result {
    val by = inference?.clusters ?: Grouping.Subject
    val samples = spec.of.map { rankings.sample(it, by) }
    val pairs = spec.of.indices.flatMap { i -> spec.of.indices.map { j -> i to j } }
    val found =
        pairs.map { (i, j) ->
            RankCorrelation.ofSizes(samples[i], samples[j]) to
                inference?.takeIf { i < j && rankings.contrasts(spec.of[i]) == rankings.contrasts(spec.of[j]) }?.let {
                    val draws = Draws.of(samples[i].clusters, it.resamples, seed)
                    RankCorrelation.interval(samples[i], samples[j], draws, it.level)
                }
        }
    val mirrored = pairs.map { (i, j) -> found[minOf(i, j) * spec.of.size + maxOf(i, j)].second }
    return Result(
        name = spec.name,
        kind = "rankCorrelation",
        metric = "rank correlation",
        axes = listOf(AxisSpec("ranking", spec.of), AxisSpec("other ranking", spec.of)),
        examples = emptyList(),
        shape = listOf(spec.of.size, spec.of.size),
        perExample = emptyList(),
        mean = found.map { it.first },
        ciLow = mirrored.map { it?.low },
        ciHigh = mirrored.map { it?.high },
        notes = listOf("Spearman's correlation over all cells, by the size of each cell's mean effect."),
    )
}
