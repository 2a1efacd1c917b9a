package dev.kausal.reports

import org.jetbrains.letsPlot.coord.coordCartesian
import org.jetbrains.letsPlot.geom.geomTile
import org.jetbrains.letsPlot.ggsize
import org.jetbrains.letsPlot.intern.Plot
import org.jetbrains.letsPlot.letsPlot
import org.jetbrains.letsPlot.scale.scaleFillGradient2
import org.jetbrains.letsPlot.scale.scaleXContinuous
import org.jetbrains.letsPlot.scale.scaleYContinuous
import kotlin.math.abs

/** A heat map of two axes; of three, the strongest value along the third. */
internal fun heatmap(
    grid: Grid,
    prefix: String,
    alternative: String,
): Drawing {
    val plane = Plane.of(grid)
    if (plane.width * plane.height > MOST_CELLS) {
        val all = "${plane.width} \u00d7 ${plane.height}"
        return Drawing("<p class=\"none\">$all cells are too many to draw; the numbers are in results.json.</p>", "")
    }
    return Drawing(svgOf(plane.plot(), prefix, alternative), plane.reading())
}

/** Two axes of a grid, [across] and [down]; a [hidden] third is reduced to its strongest cell. */
private class Plane(
    val grid: Grid,
    val across: Int,
    val down: Int,
    val hidden: Int?,
) {
    val width: Int = grid.sizes[across]
    val height: Int = grid.sizes[down]
    private val values = (0 until width).map { x -> (0 until height).map { y -> value(x, y) } }
    private val largest = values.flatten().filterNotNull().maxOfOrNull { abs(it - grid.centre) } ?: 0.0

    /** Half the width of the colour scale. */
    private val reach = reach()

    private fun reach(): Double {
        val shared = grid.scale ?: largest
        val wanted = (if (grid.isRecovery) shared.coerceIn(0.1, 1.0) else shared).takeIf { it > 0 } ?: 1.0
        // Lets-Plot widens a single value by half a unit to both sides, and fails where the scale ends before that.
        val clamped = values.flatten().filterNotNull().map { (it - grid.centre).coerceIn(-wanted, wanted) }
        return if (clamped.distinct().size == 1) maxOf(wanted, largest + 0.5) else wanted
    }

    private fun value(
        x: Int,
        y: Int,
    ): Double? {
        val place = MutableList(grid.axes.size) { 0 }
        place[across] = x
        place[down] = y
        if (hidden == null) return grid.mean(grid.index(place))
        val along = (0 until grid.sizes[hidden]).mapNotNull {
            grid.mean(
                grid.index(
                    place.also { p ->
                        p[hidden] = it
                    },
                ),
            )
        }
        return along.maxByOrNull { abs(it - grid.centre) }
    }

    fun plot(): Plot {
        val xs = mutableListOf<Int>()
        val ys = mutableListOf<Int>()
        val shown = mutableListOf<Double>()
        for (x in 0 until width) {
            for (y in 0 until height) {
                val value = values[x][y] ?: continue
                xs += x
                ys += height - 1 - y
                shown += value.coerceIn(grid.centre - reach, grid.centre + reach)
            }
        }
        val data = mapOf("x" to xs, "y" to ys, "v" to shown)
        return letsPlot(data) + geomTile(width = 0.96, height = 0.94, size = 0.0) {
            this.x = "x"
            this.y = "y"
            fill = "v"
        } + scales() + coordCartesian() + plotTheme(grid = false, slantedX = slanted()) + size()
    }

    private fun scales() =
        axisX() + axisY() +
            scaleFillGradient2(
                low = Ink.BELOW,
                mid = Ink.NONE,
                high = Ink.ABOVE,
                midpoint = grid.centre,
                limits = grid.centre - reach to grid.centre + reach,
                name = plotText(metricWords(grid.result.metric)).replace(" ", "\n"),
            )

    private fun axisX() =
        (0 until width step labelStep(width, if (slanted()) 44 else 30)).toList().let { at ->
            scaleXContinuous(
                name = plotText(grid.axes[across].name),
                breaks = at,
                labels = at.map { plotText(grid.labels(across)[it]) },
                limits = -0.5 to width - 0.5,
                expand = listOf(0, 0),
            )
        }

    private fun axisY() =
        (0 until height step labelStep(height, 64)).toList().let { at ->
            scaleYContinuous(
                name = plotText(grid.axes[down].name),
                breaks = at.map { height - 1 - it },
                labels = at.map { plotText(grid.labels(down)[it]) },
                limits = -0.5 to height - 0.5,
                expand = listOf(0, 0),
            )
        }

    private fun slanted() = grid.labels(across).any { it.length > 3 }

    private fun size() =
        ggsize(
            (190 + labelRoom(grid.labels(down)) + width * (660 / width).coerceIn(12, 60)).coerceAtMost(1600),
            (if (slanted()) 130 else 70) + (height * (420 / height).coerceIn(13, 32)).coerceAtLeast(150),
        )

    fun reading(): String {
        val unit = if (grid.isRecovery) {
            "0 (white) is the ${grid.floor} run and 1 the clean run; blue is below 0, which is further from the clean run."
        } else if (grid.result.kind == "sweep") {
            "White is ${number(grid.centre)}, the value without an edit; orange is above it and blue below."
        } else {
            "White is 0; orange is above it and blue below."
        }
        val clamp = if (largest > reach) " Values beyond \u00b1${number(reach, 1)} have the end colours." else ""
        val third = hidden?.let {
            " Each cell shows the value furthest from white along the third axis, ${grid.axes[it].name}."
        } ?: ""
        val star = if (grid.labels(across).plus(grid.labels(down)).any { it.endsWith(" *") }) {
            " An asterisk marks the subject's tokens."
        } else {
            ""
        }
        val gaps = if (values.any { null in it }) " Grey cells were not computed." else ""
        val axes = "${grid.axes[across].name} by ${grid.axes[down].name}"
        return "Each cell is one value, $axes. $unit$clamp$third$star$gaps"
    }

    companion object {
        fun of(grid: Grid): Plane {
            val names = grid.axes.map { it.name }
            val hidden = if (names.size < 3) null else names.indexOf("head").takeIf { it >= 0 } ?: 2
            val left = names.indices - listOfNotNull(hidden).toSet()
            val across = left.find { names[it] == "layer" } ?: left.first()
            return Plane(grid, across, left.first { it != across }, hidden)
        }
    }
}
