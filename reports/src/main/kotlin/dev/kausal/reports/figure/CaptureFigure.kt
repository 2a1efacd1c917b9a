package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.number
import dev.kausal.spec.CellLayout
import dev.kausal.spec.FigureKind
import dev.kausal.spec.Measure
import dev.kausal.spec.Numbers
import dev.kausal.spec.ValueRange
import kotlin.math.sqrt

/** A last axis with more places is not drawn, unless the script requests a figure. */
private const val FEW = 32
private const val NAMED = 3

/** Returns whether the last axis of [grid] is the features of a vector, too many to draw. */
internal fun isOfVectors(grid: ResultGrid): Boolean =
    grid.result.kind.layout == CellLayout.Activations && grid.axes.size > 1 && grid.sizes.last() > FEW &&
        grid.axes.last().name != "key"

/** Replaces each vector by its norm, averaged over examples. */
private fun norms(grid: ResultGrid): ResultGrid {
    val size = grid.sizes.last()
    val rows = grid.result.perExample.map { row ->
        Numbers.of(grid.cells / size) { vector -> norm(List(size) { row[vector * size + it] }) }
    }
    val mean = Numbers.of(grid.cells / size) { vector ->
        rows.mapNotNull { it[vector] }.takeIf { it.isNotEmpty() }?.average()
    }
    val text = "norm of ${grid.result.metric}"
    return grid.with(
        grid.result.copy(
            metric = text,
            axes = grid.axes.dropLast(1),
            shape = grid.sizes.dropLast(1),
            perExample = rows,
            mean = mean,
            ciLow = emptyList(),
            ciHigh = emptyList(),
        ),
        Measure.Quantity(text, ValueRange.NOT_NEGATIVE),
    )
}

private fun norm(values: List<Double?>): Double? =
    values.takeIf { all -> all.none { it == null } }?.let { all -> sqrt(all.sumOf { it!! * it }) }

private fun summary(
    grid: ResultGrid,
    frame: Frame,
): Drawing {
    val norms = norms(grid)
    val draw = if (norms.axes.size == 1) ::lines else ::heatmap
    val drawing = draw(norms, frame.prefix, frame.alternative)
    val axis = grid.axes.last().name
    val first = grid.strongest.take(NAMED).joinToString("; ") { "${number(grid.mean(it))} at ${grid.words(it)}" }
    val all =
        "Drawn is the norm over the ${grid.sizes.last()} places of $axis; not drawn are its single values, which " +
            "are in results.json. The largest: $first."
    return Drawing(drawing.content, listOf(all, drawing.reading).filter { it.isNotEmpty() }.joinToString(" "))
}

/** The norms of captured vectors. */
internal object CaptureView : View {
    override val kind = FigureKind.Lines

    override fun fits(grid: ResultGrid) = isOfVectors(grid)

    override fun suits(grid: ResultGrid) = isOfVectors(grid)

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ) = summary(grid, frame)

    override fun data(
        grid: ResultGrid,
        plain: FigureData,
    ): FigureData = plain.copy(view = STILL)
}
