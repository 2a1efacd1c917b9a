package dev.kausal.run

import dev.kausal.engine.analysis.attention.AttentionFlow
import dev.kausal.engine.analysis.attention.AttentionPattern
import dev.kausal.engine.analysis.attention.AttentionRollout
import dev.kausal.engine.analysis.attention.PatchGrid
import dev.kausal.engine.analysis.attention.PatchMaps
import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.model.HookedModel
import dev.kausal.spec.AttentionAnalysisSpec
import dev.kausal.spec.AttentionFlowSpec
import dev.kausal.spec.AttentionMapsSpec
import dev.kausal.spec.AttentionMeasureSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.GradientAttentionSpec
import dev.kausal.spec.HeadFusion
import dev.kausal.spec.Numbers
import dev.kausal.spec.OutputSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.RolloutSpec
import dev.kausal.spec.SpecialisationSpec

/** One input with its attention. [grid] is null where it is no image. */
internal class Seen(
    val prompt: PromptSpec,
    val pattern: AttentionPattern,
    val grid: PatchGrid?,
) {
    /** Where each head looks on the image: from `[CLS]`, or the mean over patches. */
    fun maps(): PatchMaps = PatchMaps.ofImage(pattern, checkNotNull(grid) { "${prompt.text} is no image" })
}

/** Reads what an [AttentionAnalysisSpec] asks of the clean inputs of [contrasts]. */
internal class LookReading(
    private val model: HookedModel,
    private val inputs: EngineInputs,
    private val contrasts: List<ContrastSpec>,
    private val progress: AnalysisProgress,
) {
    private val config = model.config()
    private val prompts = contrasts.map { it.clean }
    private val examples = contrasts.map { it.label }
    private val images = config.readsImages()
    private val length by lazy { prompts.maxOf { it.length } }

    /** One result, and for some analyses more. */
    fun results(spec: AttentionAnalysisSpec): List<Result> {
        progress.begin(spec.name, prompts.size)
        return when (spec) {
            is AttentionMapsSpec -> listOf(maps(spec))
            is AttentionMeasureSpec -> listOf(measure(spec))
            is RolloutSpec -> listOf(rollout(spec))
            is AttentionFlowSpec -> listOf(flow(spec))
            is GradientAttentionSpec -> listOf(gradient(spec))
            is SpecialisationSpec -> SpecialisationReading(spec, examples).results(each(spec.layers) { it.maps() })
        }.also { progress.end() }
    }

    /** What [read] makes of each input's attention, which is not kept: of long texts it is large. */
    private fun <T> each(
        layers: List<Int>,
        read: (Seen) -> T,
    ): List<T> =
        prompts.mapIndexed { index, prompt -> read(seen(prompt, layers)).also { progress.done(index + 1) } }

    private fun seen(
        prompt: PromptSpec,
        layers: List<Int>,
    ): Seen {
        val input = inputs.of(prompt)
        val pattern = AttentionPattern.of(model, input, Hooks(model.points()), layers)
        return Seen(prompt, pattern, if (images) PatchGrid.of(config, input) else null)
    }

    private fun maps(
        spec: AttentionMapsSpec,
    ): Result {
        val heads = spec.heads ?: List(config.heads()) { it }
        val rows =
            each(spec.layers) { one ->
                val from = spec.from?.rows(one.prompt)?.first()
                val maps = if (from == null) one.maps() else PatchMaps.from(one.pattern, one.grid, from)
                maps.maps().flatMap { layer ->
                    val each: List<List<Double?>> = heads.map { layer[it].toList() }
                    (if (spec.meanOverHeads) listOf(meanOver(each)) else each).flatten()
                }
            }
        val head = AxisSpec("head", if (spec.meanOverHeads) listOf("mean") else heads.map { "$it" })
        return result(spec, "attentionMaps", "attention to patches", listOf(layers(spec), head) + grid(), rows)
    }

    private fun measure(
        spec: AttentionMeasureSpec,
    ): Result {
        val rows = each(spec.layers) { one -> LookMeasures.of(spec.measure, one) }
        val heads = numbered("head", config.heads()).takeIf { spec.measure.perHead }
        val axes = listOfNotNull(layers(spec), heads)
        return result(spec, "attentionMeasure", spec.measure.text, axes, rows)
    }

    private fun rollout(spec: RolloutSpec): Result {
        val options = AttentionRollout.Options(spec.fusion.engine(), spec.discard, spec.residual)
        val metric = if (spec.residual) "rollout" else "accumulated attention"
        val rows =
            each(spec.layers) { one ->
                val layers = AttentionRollout.of(one.pattern, options)
                if (images) layers.flatMap { one.grid!!.fromImage(it) } else boxed(layers)
            }
        return result(spec, "rollout", metric, listOf(layers(spec)) + if (images) grid() else tokens(), rows)
    }

    private fun flow(spec: AttentionFlowSpec): Result {
        val metric = "maximum flow"
        val rows =
            each(spec.layers) { one ->
                val flow = AttentionFlow.maximum(one.pattern, spec.to.rows(one.prompt).first())
                if (images) one.grid!!.patches(flow).toList() else List(length) { flow.getOrNull(it) }
            }
        val axes = if (images) grid() else listOf(AxisSpec("key", positionLabels(prompts)))
        return result(spec, "attentionFlow", metric, axes, rows)
    }

    private fun gradient(spec: GradientAttentionSpec): Result {
        val grid = PatchGrid.of(config, inputs.of(prompts.first()))
        val classes = Classes(model, inputs)
        val rows =
            contrasts.mapIndexed { index, contrast ->
                val answers = spec.output == OutputSpec.Answer
                val of = if (answers) contrast.answer!!.id else classes.predicted(contrast.clean)
                classes.relevance(contrast.clean, of).also { progress.done(index + 1) }
            }
        return result(spec, "gradientAttention", "gradient-weighted attention", gridAxes(grid), rows)
    }

    /** Matrices [layer, query, key] in a box that the longest input fills. */
    private fun boxed(layers: Array<out Array<DoubleArray>>): List<Double?> =
        Numbers.of(layers.size * length * length) { cell ->
            val matrix = layers[cell / (length * length)]
            matrix.getOrNull(cell / length % length)?.getOrNull(cell % length)
        }

    private fun layers(spec: AttentionAnalysisSpec) = AxisSpec("layer", spec.layers.map { "$it" })

    private fun tokens() = positionLabels(prompts).let { listOf(AxisSpec("query", it), AxisSpec("key", it)) }

    private fun grid() = gridAxes(PatchGrid.of(config, inputs.of(prompts.first())))

    private fun result(
        spec: AttentionAnalysisSpec,
        kind: String,
        metric: String,
        axes: List<AxisSpec>,
        rows: List<List<Double?>>,
    ) = measured(spec.name, kind, metric, axes, examples, rows)
}

/** From what stands for the image, or the mean over its patches, of [query, key]: to patches. */
internal fun PatchGrid.fromImage(mixed: Array<DoubleArray>): List<Double> {
    if (hasCls()) return patches(mixed[cls()]).toList()
    val rows = (prefix().size until length()).map { patches(mixed[it]) }
    return List(patches()) { patch -> rows.sumOf { it[patch] } / rows.size }
}

internal fun gridAxes(grid: PatchGrid): List<AxisSpec> =
    listOf(numbered("row", grid.rows()), numbered("column", grid.columns()))

internal fun numbered(
    name: String,
    count: Int,
) = AxisSpec(name, List(count) { "$it" })

private fun HeadFusion.engine() = dev.kausal.engine.analysis.attention.HeadFusion.valueOf(name.uppercase())
