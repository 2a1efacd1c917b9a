package dev.kausal.run.analyses

import dev.kausal.engine.analysis.attention.AttentionPattern
import dev.kausal.engine.analysis.attention.PatchGrid
import dev.kausal.engine.analysis.attention.PatchMaps
import dev.kausal.engine.requests.Patterns
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.measured
import dev.kausal.run.inputs.gridAxes
import dev.kausal.run.inputs.positionLabels
import dev.kausal.spec.AttentionAnalysisSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind

/** One input with its attention. [grid] is null if it is no image. */
internal class AttendedInput(
    val prompt: PromptSpec,
    val pattern: AttentionPattern,
    val grid: PatchGrid?,
) {
    /** Where each head looks on the image: from `[CLS]`, or the mean over patches. */
    fun maps(): PatchMaps = PatchMaps.ofImage(pattern, patches())

    /** Where its patches lie. */
    fun patches(): PatchGrid = checkNotNull(grid) { "${prompt.text} is no image" }
}

/** The clean inputs of [spec], their attention, and the axes that numbers of it have. */
internal class AttentionInputs(
    private val spec: AttentionAnalysisSpec,
    private val on: RunContext,
) {
    private val config = on.backend.config
    private val contrasts = on.contrasts(spec)

    /** The inputs. */
    val prompts: List<PromptSpec> = contrasts.map { it.clean }

    /** Whether they are images. */
    val images: Boolean = config.readsImages()

    /** What [read] makes of each input's attention, which is not kept: of long texts it is large. */
    fun <T> each(read: (AttendedInput) -> T): List<T> = on.perExample(spec) { read(attended(it.clean)) }

    private fun attended(prompt: PromptSpec): AttendedInput {
        val input = on.inputs.of(prompt)
        val pattern = on.backend.answer(Patterns(input, spec.layers))
        return AttendedInput(prompt, pattern, if (images) PatchGrid.of(config, input) else null)
    }

    /** The layers. */
    val layers: AxisSpec get() = AxisSpec("layer", spec.layers.map { "$it" })

    /** Rows and columns of patches. */
    val grid: List<AxisSpec> get() = gridAxes(PatchGrid.of(config, on.inputs.of(prompts.first())))

    /** Tokens that look, and tokens that are looked at. */
    val tokens: List<AxisSpec>
        get() = positionLabels(prompts).let { listOf(AxisSpec("query", it), AxisSpec("key", it)) }

    /** The result of measuring [rows], [example, cell]. */
    fun result(
        kind: ResultKind,
        metric: String,
        axes: List<AxisSpec>,
        rows: List<List<Double?>>,
    ): Result = measured(spec.name, kind, metric, axes, contrasts.map { it.label }, rows)
}
