package dev.kausal.run.context

import dev.kausal.engine.config.ModelConfig
import dev.kausal.engine.hooks.HookKind
import dev.kausal.engine.hooks.HookPoints
import dev.kausal.engine.plan.Sizes
import dev.kausal.engine.tensor.Torch
import dev.kausal.run.backend.Backend
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.contrastsOf

/** What determines the sizes and the memory of results: a model, an experiment and the machine, known before anything runs. */
internal class Setting(
    val config: ModelConfig,
    val points: HookPoints,
    val spec: ExperimentSpec,
    val resources: Resources,
) {
    private val sizes = Sizes(config)

    /** Returns the examples that [analysis] goes over. */
    fun contrasts(analysis: AnalysisSpec): List<ContrastSpec> = spec.contrastsOf(analysis)

    /** Returns the clean inputs of [analysis]. */
    fun inputs(analysis: AnalysisSpec): List<PromptSpec> = contrasts(analysis).map { it.clean }

    /** Returns the rows and columns of patches, which are the same for all images. */
    fun grid(analysis: AnalysisSpec): List<AxisSpec> {
        val image = checkNotNull(inputs(analysis).first().image) { "inputs are not images" }
        return listOf("row" to image.gridRows, "column" to image.gridColumns).map { (name, count) ->
            AxisSpec(name, List(count) { "$it" })
        }
    }

    /** Returns how many positions of prompts, none longer than [longest], pass together: no more than the budget holds. */
    fun promptRows(longest: Int): Int {
        val held = resources.budget / 2 / sizes.rowBytes(longest)
        return minOf(resources.tuning.promptRows().toLong(), maxOf(held, longest.toLong())).toInt()
    }

    /** Returns the native bytes of the largest pass over prompts of these [lengths], without weights. */
    fun promptBytes(lengths: List<Int>): Long {
        val longest = lengths.maxOrNull() ?: return 0
        return sizes.rowBytes(longest) * minOf(lengths.sum(), promptRows(longest))
    }

    /** Returns the native bytes of a whole pass of [length] positions, without weights. */
    fun passBytes(length: Int): Long = sizes.rowBytes(length) * length

    /** Returns the bytes of the activation at the point called [name] in one run of [length] positions. */
    fun pointBytes(
        name: String,
        length: Int,
    ): Long = sizes.siteBytes(points.named(name), length)

    /** Returns the bytes of the patterns of [layers] layers in one run of [length] positions. */
    fun patternBytes(
        layers: List<Int>,
        length: Int,
    ): Long = layers.sumOf { pointBytes(HookKind.PATTERN.name(it), length) }

    companion object {
        /** Returns the setting of [spec] on the model of [backend]. */
        fun of(backend: Backend, spec: ExperimentSpec): Setting =
            Setting(backend.config, backend.points, spec, Resources(backend.budget, Torch.threads(), backend.tuning))
    }
}
