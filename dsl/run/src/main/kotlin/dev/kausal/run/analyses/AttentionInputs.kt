package dev.kausal.run.analyses

import dev.kausal.engine.analysis.attention.AttentionPattern
import dev.kausal.engine.analysis.attention.PatchGrid
import dev.kausal.engine.analysis.attention.PatchMaps
import dev.kausal.engine.requests.Patterns
import dev.kausal.run.context.ResultSize
import dev.kausal.run.context.Row
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.Setting
import dev.kausal.run.context.measured
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.gridAxes
import dev.kausal.spec.AttentionAnalysisSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind

/** One input with its attention. [grid] is null unless it is an image. */
internal class AttendedInput(
    val prompt: PromptSpec,
    val pattern: AttentionPattern,
    val grid: PatchGrid?,
) {
    /** Returns each head's attention to the patches: from `[CLS]`, or the mean over patches. */
    fun maps(): PatchMaps = PatchMaps.ofImage(pattern, patches())

    /** Returns the layout of its patches. */
    fun patches(): PatchGrid = checkNotNull(grid) { "${prompt.text} is not an image" }
}

/** The clean inputs of [spec], with their attention and axes. */
internal class AttentionInputs(
    private val spec: AttentionAnalysisSpec,
    private val on: RunContext,
) {
    private val config = on.backend.config
    private val contrasts = on.contrasts(spec)

    /** Prompts or images. */
    val prompts: List<PromptSpec> = contrasts.map { it.clean }

    /** Whether they are images. */
    val images: Boolean = config.readsImages()

    /** Applies [read] to each input's attention, which is not kept: for long texts it is large. */
    fun <T> each(read: (AttendedInput) -> T): List<T> = on.perExample(spec) { read(attended(it.clean)) }

    private fun attended(prompt: PromptSpec): AttendedInput {
        val input = on.inputs.of(prompt)
        val pattern = on.backend.answer(Patterns(input, spec.layers))
        return AttendedInput(prompt, pattern, if (images) PatchGrid.of(config, input) else null)
    }

    /** The axis of layers. */
    val layers: AxisSpec get() = layersOf(spec)

    /** Rows and columns of patches. */
    val grid: List<AxisSpec> get() = gridAxes(PatchGrid.of(config, on.inputs.of(prompts.first())))

    /** Returns the result whose numbers [read] writes for each input's attention. */
    fun result(
        kind: ResultKind,
        metric: String,
        size: ResultSize,
        read: (AttendedInput, Row) -> Unit,
    ): Result = on.measured(spec, kind, metric, size) { contrast, row -> read(attended(contrast.clean), row) }

    /** Returns the result of measuring [rows], [example, cell]. */
    fun result(
        kind: ResultKind,
        metric: String,
        axes: List<AxisSpec>,
        rows: List<List<Double?>>,
    ): Result = measured(spec.name, kind, metric, axes, contrasts.map { it.label }, rows)
}

/** The layers that [spec] reads. */
internal fun layersOf(spec: AttentionAnalysisSpec) = AxisSpec("layer", spec.layers.map { "$it" })

/**
 * Returns the size of a result of [spec] with these [axes], computed with the patterns of one input at a time in Java's
 * heap.
 *
 * @param shape lengths of the axes of one input's own numbers, by its positions
 * @param copies memory of what is computed from the patterns, relative to that of the patterns
 */
internal fun Setting.patternSize(
    spec: AttentionAnalysisSpec,
    axes: List<AxisSpec>,
    copies: Double = 0.0,
    zeros: Double = 0.0,
    shape: (Int) -> List<Int> = { axes.map { it.labels.size } },
): ResultSize {
    val lengths = inputs(spec).map { it.length }
    val patterns = patternBytes(spec.layers, lengths.max())
    return ResultSize(
        axes = axes,
        shapes = lengths.map(shape),
        native = passBytes(lengths.max()) + patterns / spec.layers.size,
        working = patterns + (patterns * copies).toLong(),
        zeros = zeros,
    )
}
