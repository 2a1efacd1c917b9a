package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * A metric under several strengths of a direction at several layers, with controls and side effects.
 *
 * @property axes `layer` and `strength`
 * @property cells row-major over [axes]
 * @property random the same with random directions, by draw
 * @property shuffled the same with directions fitted to shuffled classes, by draw
 * @property effects the same edits on other sets
 */
@Serializable
@SerialName("doseResponse")
public data class DoseResponseSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val metric: MetricSpec,
    val axes: List<AxisSpec>,
    val cells: List<CellSpec>,
    val random: List<List<CellSpec>>,
    val shuffled: List<List<CellSpec>>,
    val effects: List<SideEffectSpec> = emptyList(),
) : AnalysisSpec {
    override val run: RunSpec get() = cells.firstOrNull()?.run ?: RunSpec.Clean

    /** Returns a pass for each cell and draw of a control; those on other sets are not counted. */
    override fun passes(contrasts: List<ContrastSpec>): List<Int> {
        val each = cells.size + (random + shuffled).sumOf { it.size }
        return contrasts.flatMap { contrast -> List(each) { contrast.clean.length } }
    }

    override val callsScript: Boolean get() = metric.callsScript || effects.any { it.metric.callsScript }

    override fun measure(experiment: ExperimentSpec): Measure = Measure.Of(metric)
}

/**
 * A metric on another set under the edits of a dose response.
 *
 * @property name end of the result's name
 */
@Serializable
public data class SideEffectSpec(
    val name: String,
    val contrasts: String,
    val metric: MetricSpec,
    val cells: List<CellSpec>,
)

/**
 * Mean metric under the controls of a dose response, by draw.
 *
 * @property random under random directions [draw][cell]
 * @property shuffled under directions fitted to shuffled classes [draw][cell]
 */
@Serializable
public data class DoseControls(
    val random: List<List<Double?>>,
    val shuffled: List<List<Double?>>,
)
