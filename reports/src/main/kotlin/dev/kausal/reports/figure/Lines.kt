package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Palette
import dev.kausal.reports.svg.labelRoom
import dev.kausal.reports.svg.labelStep
import dev.kausal.reports.svg.plotText
import dev.kausal.reports.svg.plotTheme
import dev.kausal.reports.svg.svgOf
import dev.kausal.reports.svg.textWidth
import dev.kausal.reports.svg.wrapped
import dev.kausal.reports.words.count
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.spec.FigureKind
import org.jetbrains.letsPlot.geom.geomHLine
import org.jetbrains.letsPlot.geom.geomLine
import org.jetbrains.letsPlot.geom.geomPoint
import org.jetbrains.letsPlot.geom.geomRibbon
import org.jetbrains.letsPlot.ggsize
import org.jetbrains.letsPlot.intern.Feature
import org.jetbrains.letsPlot.intern.Plot
import org.jetbrains.letsPlot.letsPlot
import org.jetbrains.letsPlot.scale.scaleColorManual
import org.jetbrains.letsPlot.scale.scaleXContinuous
import org.jetbrains.letsPlot.scale.scaleYContinuous
import kotlin.math.abs
import kotlin.math.max
import kotlin.math.min

private const val MOST_LINES = 12
private const val MOST_EXAMPLES = 40
private const val MOST_BANDS = 4

/** Width of a plot, and of one of many points. */
private const val PLOT_WIDTH = 540
private const val WIDE_PLOT = 860

/** Number of points on an axis from which a plot is wide. */
private const val MANY_POINTS = 16
private const val PLOT_HEIGHT = 240

/** Approximate width of what is beside the lines of a plot: labels, and the key to several lines. */
private const val BESIDE = 90

/** Intervals and single examples extend beyond the means for which the shared scale is made. */
private const val HEADROOM = 1.5

/** Draws values along one axis; of two axes, a line per label of the second. */
internal fun lines(
    grid: ResultGrid,
    prefix: String,
    alternative: String,
): Drawing {
    val one = grid.axes.size == 1
    val shown = if (one) listOf(List(grid.sizes[0]) { it }) else shownLines(grid).map { line(grid, it) }
    val cells = shown.flatMap { grid.filled(it) }
    return Drawing(
        svgOf(if (one) single(grid) else several(grid), prefix, alternative, cells),
        reading(grid, one),
        plotWidth(grid),
    )
}

/** Explains lines, band and gaps. */
private fun reading(
    grid: ResultGrid,
    one: Boolean,
): String {
    val examples = grid.result.perExample.size
    val thin = if (one && !grid.result.kind.ofContributions) thin(examples) else ""
    val banded = grid.hasInterval() && (one || grid.sizes[1 - along(grid)] <= MOST_BANDS)
    val band = if (banded) " Band: confidence interval." else ""
    val rule = if (rules(grid).isEmpty()) "" else " Dashed: ${dashed(grid)}."
    val dropped = if (one) "" else dropped(grid)
    val gap = if ((0 until grid.cells).any { grid.mean(it) == null }) " Gaps were not computed." else ""
    val mean = if (examples > 1) "Line: mean over ${count(examples, "example")}." else ""
    return "$mean$thin$band$rule$dropped$gap${controlReading(grid)}".trim()
}

private fun dashed(grid: ResultGrid) =
    when {
        grid.result.kind.isShareOfRuns -> "0, the corrupted run, and 1, the clean run"
        grid.isRecovery -> "1, the clean run"
        else -> "${number(grid.centre)}, the unedited value"
    }

/** Returns the values of unedited runs, which dashed lines mark. */
private fun rules(grid: ResultGrid): List<Double> =
    when {
        grid.result.kind.isShareOfRuns -> listOf(0.0, 1.0)
        !grid.ofEditedRuns -> emptyList()
        else -> listOf(if (grid.isRecovery) 1.0 else grid.centre)
    }

private fun dropped(grid: ResultGrid): String {
    val left = grid.sizes[1 - along(grid)] - MOST_LINES
    return if (left > 0) " Only the $MOST_LINES lines with the largest range; $left are not shown." else ""
}

private fun thin(examples: Int) = when {
    examples < 2 -> ""
    examples > MOST_EXAMPLES -> " Thin lines: the first $MOST_EXAMPLES examples."
    else -> " Thin lines: single examples."
}

private fun ResultGrid.hasInterval() = (0 until cells).any {
    result.ciLow.getOrNull(it) != null &&
        result.ciHigh.getOrNull(it) != null
}

/** Points of one line, with a new group after every gap, so that no line bridges it. */
private class Points {
    val x = mutableListOf<Int>()
    val y = mutableListOf<Double>()
    val group = mutableListOf<String>()
    val name = mutableListOf<String>()

    fun add(
        series: String,
        values: List<Double?>,
    ): Points {
        var part = 0
        values.forEachIndexed { i, value ->
            if (value == null || !value.isFinite()) {
                part++
            } else {
                x += i
                y += value
                group += "$series/$part"
                name += series
            }
        }
        return this
    }

    fun data(): Map<String, List<Any>> = mapOf("x" to x, "y" to y, "group" to group, "name" to name)
}

private fun single(grid: ResultGrid): Plot {
    val size = grid.sizes[0]
    val examples = Points()
    val rows = grid.result.perExample
    val shown = rows.size > 1 && !grid.result.kind.ofContributions
    if (shown) rows.take(MOST_EXAMPLES).forEachIndexed { i, row -> examples.add("$i", row.take(size)) }
    val mean = Points().add("mean", List(size) { grid.mean(it) })
    var plot = base(grid)
    if (grid.hasInterval()) plot += ribbon(grid)
    if (examples.x.isNotEmpty()) plot += line(examples, "#9a9a9a", 0.4, 0.6)
    plot += line(mean, Palette.LINES[0], 1.4, 1.0)
    return plot + geomPoint(data = mean.data(), color = Palette.LINES[0], size = 2.2) {
        x = "x"
        y = "y"
    }
}

private fun line(
    points: Points,
    colour: String,
    size: Double,
    alpha: Double,
): Feature =
    geomLine(data = points.data(), color = colour, size = size, alpha = alpha) {
        x = "x"
        y = "y"
        group = "group"
    }

private fun ribbon(grid: ResultGrid): Feature {
    val low = grid.result.ciLow
    val high = grid.result.ciHigh
    val at = (0 until grid.cells).filter { low.getOrNull(it) != null && high.getOrNull(it) != null }
    val part = at.mapIndexed { i, cell -> "${cell - i}" }
    val data = mapOf("x" to at, "low" to at.map { low[it] }, "high" to at.map { high[it] }, "group" to part)
    return geomRibbon(data = data, fill = Palette.LINES[0], alpha = 0.18, size = 0.0) {
        x = "x"
        group = "group"
        ymin = "low"
        ymax = "high"
    }
}

/** Returns the intervals of one of several lines; null if it has none. */
private fun band(
    grid: ResultGrid,
    line: Int,
    colour: String,
): Feature? {
    val cells = line(grid, line)
    val at = cells.indices.filter { grid.result.ciLow.getOrNull(cells[it]) != null }
    if (at.isEmpty()) return null
    val part = at.mapIndexed { i, x -> "${x - i}" }
    val low = at.map { grid.result.ciLow[cells[it]] }
    val high = at.map { grid.result.ciHigh[cells[it]] }
    val data = mapOf("x" to at, "low" to low, "high" to high, "group" to part)
    return geomRibbon(data = data, fill = colour, alpha = 0.15, size = 0.0) {
        x = "x"
        group = "group"
        ymin = "low"
        ymax = "high"
    }
}

/** Returns the cells of one of several lines. */
private fun line(
    grid: ResultGrid,
    line: Int,
): List<Int> {
    val along = along(grid)
    return List(grid.sizes[along]) { i -> grid.index(if (along == 0) listOf(i, line) else listOf(line, i)) }
}

/** Returns the lines that vary most, in their own order. */
private fun shownLines(grid: ResultGrid): List<Int> =
    (0 until grid.sizes[1 - along(grid)])
        .sortedByDescending { k ->
            line(grid, k).mapNotNull { grid.mean(it) }.maxOfOrNull { abs(it - grid.centre) }
                ?: 0.0
        }
        .take(MOST_LINES).sorted()

private fun ResultGrid.filled(cells: List<Int>): List<Int> = cells.filter { mean(it)?.isFinite() == true }

private fun several(grid: ResultGrid): Plot {
    val other = 1 - along(grid)

    fun row(k: Int) = line(grid, k).map { grid.mean(it) }
    val shown = shownLines(grid)
    val points = Points()
    val labels = shown.map { plotText(grid.labels(other)[it]) }
    // Lets-Plot would join lines of the same name.
    val names = if (labels.distinct().size ==
        labels.size
    ) {
        labels
    } else {
        labels.mapIndexed { i, label -> "${shown[i]}: $label" }
    }
    shown.forEachIndexed { i, k -> points.add(names[i], row(k)) }
    val banded = shown.takeIf { it.size <= MOST_BANDS }.orEmpty()
    val bands = banded.mapIndexedNotNull { i, k -> band(grid, k, Palette.LINES[i]) }
    return bands.fold(base(grid)) { plot, band -> plot + band } + geomLine(data = points.data(), size = 1.1) {
        x = "x"
        y = "y"
        group = "group"
        color = "name"
    } + geomPoint(data = points.data(), size = 1.6) {
        x = "x"
        y = "y"
        color = "name"
    } + scaleColorManual(
        values = Palette.LINES.take(names.size),
        breaks = names,
        name = plotText(grid.axes[other].name),
    )
}

private fun limits(grid: ResultGrid): Pair<Double, Double>? =
    grid.scale?.let {
        val range = grid.measure.range
        max(grid.centre - it * HEADROOM, range.low) to min(grid.centre + it * HEADROOM, range.high)
    }

private fun plotWidth(grid: ResultGrid): Int =
    if (grid.sizes[along(grid)] > MANY_POINTS) WIDE_PLOT else PLOT_WIDTH

private fun areaWidth(grid: ResultGrid): Int =
    plotWidth(grid) - BESIDE - if (grid.axes.size == 1) 0 else labelRoom(grid.labels(1 - along(grid))) + BESIDE / 2

/** Returns the metric, wrapped to the height of a plot. */
private fun name(grid: ResultGrid): String =
    wrapped(metricWords(grid.measure), PLOT_HEIGHT).joinToString("\n") { plotText(it) }

private fun base(grid: ResultGrid): Plot {
    val axis = along(grid)
    val labels = grid.labels(axis).map { plotText(it) }
    val at = (labels.indices step labelStep(labels.size, 40)).toList()
    val slanted = labels.maxOf { textWidth(it) } + 8 > areaWidth(grid) / at.size
    val plot = letsPlot() +
        scaleXContinuous(name = plotText(grid.axes[axis].name), breaks = at, labels = at.map { labels[it] }) +
        scaleYContinuous(name = name(grid), limits = limits(grid)) +
        plotTheme(grid = true, slantedX = slanted) + ggsize(plotWidth(grid), if (slanted) 380 else 320)
    return rules(grid).fold(controlBand(grid)?.let { plot + it } ?: plot) { all, rule ->
        all + geomHLine(yintercept = rule, linetype = "dashed", color = "#666666", size = 0.6)
    }
}

/** One axis, or a line for each label of a second. */
internal object LinesView : View {
    override val kind = FigureKind.Lines

    override fun fits(grid: ResultGrid) = grid.axes.size in 1..2

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ) = lines(grid, frame.prefix, frame.alternative)
}
