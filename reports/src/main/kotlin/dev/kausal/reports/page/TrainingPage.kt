package dev.kausal.reports.page

import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.Palette
import dev.kausal.reports.svg.add
import dev.kausal.reports.svg.plotTheme
import dev.kausal.reports.svg.svgOf
import dev.kausal.reports.words.number
import kotlinx.html.div
import kotlinx.html.h1
import kotlinx.html.h2
import kotlinx.html.p
import kotlinx.html.section
import kotlinx.html.table
import kotlinx.html.tbody
import kotlinx.html.td
import kotlinx.html.th
import kotlinx.html.tr
import kotlinx.serialization.Serializable
import org.jetbrains.letsPlot.geom.geomLine
import org.jetbrains.letsPlot.geom.geomPoint
import org.jetbrains.letsPlot.ggsize
import org.jetbrains.letsPlot.letsPlot
import org.jetbrains.letsPlot.scale.scaleXContinuous
import org.jetbrains.letsPlot.scale.scaleYContinuous
import org.jetbrains.letsPlot.scale.scaleYLog10

/**
 * A point of a training curve.
 *
 * @property step number of steps made
 * @property loss mean over the steps since the last point, in nats
 * @property probe share of right answers, if measured
 */
@Serializable
public data class CurvePoint(
    val step: Int,
    val loss: Double,
    val probe: Double?,
)

/**
 * The curve of a training.
 *
 * @property name name of the model
 * @property probes what [CurvePoint.probe] measures
 */
@Serializable
public data class TrainingCurve(
    val name: String,
    val probes: String,
    val points: List<CurvePoint>,
)

/** The page of a training: figures, settings, and the loss over its steps. */
public object TrainingPage {
    /** Returns complete HTML that needs no network. */
    public fun render(
        model: String,
        description: String,
        settings: Map<String, String>,
        figures: Map<String, Double>,
        curve: TrainingCurve,
    ): String =
        framed("Training of $model", "Kausal training report") {
            div("title") {
                h1 { +model }
                p("lead") { +description }
            }
            section {
                h2 { +"Figures" }
                p { +"Measured on the weights as they are stored." }
                rows(figures.mapValues { number(it.value) })
            }
            section {
                h2 { +"Course" }
                div("card") { add(lossPlot(curve)) }
                if (curve.points.any { it.probe != null }) {
                    p { +"Share right: ${curve.probes}." }
                    div("card") { add(probePlot(curve)) }
                }
            }
            section {
                h2 { +"Settings" }
                rows(settings)
            }
        }

    private fun kotlinx.html.SECTION.rows(pairs: Map<String, String>) {
        table {
            tbody {
                pairs.forEach { (name, value) ->
                    tr {
                        th { +name }
                        td { +value }
                    }
                }
            }
        }
    }

    private fun lossPlot(curve: TrainingCurve): Markup {
        val data = mapOf("step" to curve.points.map { it.step }, "loss" to curve.points.map { it.loss })
        val plot = letsPlot(data) + geomLine(color = Palette.LINES[0], size = 1.1) {
            x = "step"
            y = "loss"
        } + scaleXContinuous(name = "step") + scaleYLog10(name = "loss (nats)") +
            plotTheme(grid = true) + ggsize(860, 340)
        return svgOf(plot, "loss", "Loss over the steps of the training")
    }

    private fun probePlot(curve: TrainingCurve): Markup {
        val probed = curve.points.filter { it.probe != null }
        val data = mapOf("step" to probed.map { it.step }, "right" to probed.map { it.probe })
        val plot = letsPlot(data) + geomLine(color = Palette.LINES[1], size = 1.1) {
            x = "step"
            y = "right"
        } + geomPoint(color = Palette.LINES[1], size = 2.2) {
            x = "step"
            y = "right"
        } + scaleXContinuous(name = "step") + scaleYContinuous(name = "share right", limits = 0 to 1) +
            plotTheme(grid = true) + ggsize(860, 300)
        return svgOf(plot, "probe", "Share of right answers over the steps of the training")
    }
}
