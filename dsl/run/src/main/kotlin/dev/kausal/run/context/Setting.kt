package dev.kausal.run.context

import dev.kausal.engine.config.ModelConfig
import dev.kausal.engine.hooks.HookKind
import dev.kausal.engine.hooks.HookPoints
import dev.kausal.engine.plan.Sizes
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.contrastsOf

/** What the size of results depends on: a model's sizes and an experiment, known before anything has run. */
internal class Setting(
    val config: ModelConfig,
    val points: HookPoints,
    val spec: ExperimentSpec,
) {
    private val sizes = Sizes(config)

    /** Returns the examples that [analysis] goes over. */
    fun contrasts(analysis: AnalysisSpec): List<ContrastSpec> = spec.contrastsOf(analysis)

    /** Returns the clean inputs of [analysis]. */
    fun inputs(analysis: AnalysisSpec): List<PromptSpec> = contrasts(analysis).map { it.clean }

    /** Rows and columns of the patches of images, which all have the same. */
    fun grid(analysis: AnalysisSpec): List<AxisSpec> {
        val image = checkNotNull(inputs(analysis).first().image) { "inputs are not images" }
        return listOf("row" to image.gridRows, "column" to image.gridColumns).map { (name, count) ->
            AxisSpec(name, List(count) { "$it" })
        }
    }

    /** Native bytes that a whole pass of [length] positions takes, weights left out. */
    fun passBytes(length: Int): Long = sizes.rowBytes(length) * length

    /** Bytes of what passes the point called [name] in one run of [length] positions. */
    fun pointBytes(
        name: String,
        length: Int,
    ): Long = sizes.siteBytes(points.named(name), length)

    /** Bytes of the patterns of [layers] layers in one run of [length] positions. */
    fun patternBytes(
        layers: List<Int>,
        length: Int,
    ): Long = layers.sumOf { pointBytes(HookKind.PATTERN.name(it), length) }
}
