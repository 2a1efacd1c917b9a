package dev.kausal.reports

import org.jetbrains.letsPlot.geom.geomRect
import org.jetbrains.letsPlot.geom.geomSegment
import org.jetbrains.letsPlot.geom.geomVLine
import org.jetbrains.letsPlot.ggsize
import org.jetbrains.letsPlot.intern.Feature
import org.jetbrains.letsPlot.letsPlot
import org.jetbrains.letsPlot.scale.scaleXContinuous
import org.jetbrains.letsPlot.scale.scaleYContinuous
import kotlin.math.max
import kotlin.math.min

private const val MOST_BARS = 20

private class Bar(
    val label: String,
    val value: Double,
    val interval: Pair<Double, Double>?,
    val other: Boolean = false,
)

/** The strongest cells as signed bars from the baseline; the rest of an attribution in one bar. */
internal fun bars(
    grid: Grid,
    prefix: String,
    alternative: String,
): Drawing {
    val attribution = grid.result.kind == "directLogitAttribution"
    val shown = grid.strongest.take(MOST_BARS)
    val rest = grid.strongest.drop(MOST_BARS)
    val bars = shown.map { bar(grid, it) } + if (attribution && rest.isNotEmpty()) {
        val name = "other (${rest.size})"
        listOf(Bar(name, rest.sumOf { grid.mean(it)!! }, null, other = true))
    } else {
        emptyList()
    }
    return Drawing(svgOf(plot(grid, bars), prefix, alternative), reading(grid, rest.size, bars))
}

private fun bar(
    grid: Grid,
    cell: Int,
): Bar {
    val label = if (grid.axes.size == 1) grid.labels(0)[cell] else shortName(grid, cell)
    return Bar(label, grid.effect(cell) ?: (grid.mean(cell)!! - grid.centre), grid.interval(cell))
}

/** A cell's name short enough for an axis, whose labels are cut after 20 letters: `L12 H4`, `L12 6:Tower`. */
private fun shortName(
    grid: Grid,
    cell: Int,
): String =
    grid.place(cell).mapIndexed { axis, i ->
        when (grid.axes[axis].name) {
            "layer" -> "L${grid.labels(axis)[i]}"
            "head" -> "H${grid.labels(axis)[i]}"
            else -> "$i:${grid.labels(axis)[i]}"
        }
    }.joinToString(" ")

private fun plot(
    grid: Grid,
    bars: List<Bar>,
) = letsPlot() +
    barLayer(bars, Ink.ABOVE) { !it.other && it.value >= 0 } +
    barLayer(bars, Ink.BELOW) { !it.other && it.value < 0 } +
    barLayer(bars, Ink.OTHER) { it.other } +
    intervals(bars) +
    geomVLine(xintercept = 0.0, color = "#666666", size = 0.6) +
    scaleXContinuous(
        name = if (grid.centre ==
            0.0
        ) {
            plotText(metricWords(grid.result.metric))
        } else {
            "change of " + plotText(metricWords(grid.result.metric))
        },
        limits = grid.scale?.let { -it to it } ?: reach(bars),
    ) +
    scaleYContinuous(
        name = "",
        breaks = bars.indices.map { bars.size - 1 - it },
        labels = bars.map { plotText(it.label) },
        limits = -0.6 to bars.size - 0.4,
        expand = listOf(0, 0),
    ) +
    plotTheme(grid = true) + ggsize(560 + labelRoom(bars.map { it.label }), 70 + 24 * max(bars.size, 3))

private fun reach(bars: List<Bar>): Pair<Double, Double> {
    val low = bars.minOf { min(it.value, it.interval?.first ?: 0.0) }
    val high = bars.maxOf { max(it.value, it.interval?.second ?: 0.0) }
    return min(low, 0.0) to if (high <= 0.0 && low >= 0.0) 1.0 else max(high, 0.0)
}

private fun barLayer(
    bars: List<Bar>,
    colour: String,
    which: (Bar) -> Boolean,
): Feature {
    val at = bars.indices.filter { which(bars[it]) }
    val data = mapOf(
        "low" to at.map { min(0.0, bars[it].value) },
        "high" to at.map { max(0.0, bars[it].value) },
        "bottom" to at.map { bars.size - 1 - it - 0.36 },
        "top" to at.map { bars.size - 1 - it + 0.36 },
    )
    return geomRect(data = data, fill = colour, size = 0.0) {
        xmin = "low"
        xmax = "high"
        ymin = "bottom"
        ymax = "top"
    }
}

private fun intervals(bars: List<Bar>): Feature {
    val at = bars.indices.filter { bars[it].interval != null }
    val data = mapOf(
        "low" to at.map { bars[it].interval!!.first },
        "high" to at.map { bars[it].interval!!.second },
        "y" to at.map { bars.size - 1 - it },
    )
    return geomSegment(data = data, color = Ink.TEXT, size = 0.8) {
        x = "low"
        xend = "high"
        y = "y"
        yend = "y"
    }
}

private fun reading(
    grid: Grid,
    rest: Int,
    bars: List<Bar>,
): String {
    val interval = if (bars.any { it.interval != null }) " The thin line is the 95 % confidence interval." else ""
    if (grid.result.kind != "directLogitAttribution") {
        val from = if (grid.centre ==
            0.0
        ) {
            ""
        } else {
            " A bar is the difference to ${number(grid.centre)}, the value without an edit."
        }
        return "The ${count(bars.size, "strongest cell")}, in order.$from$interval" +
            if (rest > 0) " ${count(rest, "weaker cell")} not shown." else ""
    }
    val other = if (rest > 0) " The grey bar is the sum of the ${count(rest, "other component")}." else ""
    return "Each bar is what one component adds to the answer's logit over the foil's: orange favours the answer, " +
        "blue the foil.$other$interval All bars sum to ${number(grid.strongest.sumOf { grid.mean(it)!! })}."
}
