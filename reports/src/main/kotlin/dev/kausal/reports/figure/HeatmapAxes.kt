package dev.kausal.reports.figure

import dev.kausal.reports.result.Blocks
import dev.kausal.reports.result.Label
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.divisible
import dev.kausal.reports.svg.ColourScale
import kotlin.math.abs

/**
 * Two axes of a grid, [across] and [down]; a [hidden] third is reduced to its strongest cell, and so is each block of
 * [columnsPer] by [rowsPer] cells if there are more than [MOST_CELLS].
 */
internal class HeatmapAxes private constructor(
    val grid: ResultGrid,
    val across: Int,
    val down: Int,
    val hidden: Int?,
    val columnsPer: Int,
    val rowsPer: Int,
) {
    val width: Int = blocks(grid.sizes[across], columnsPer)
    val height: Int = blocks(grid.sizes[down], rowsPer)

    /** Labels of the columns and rows that are drawn. */
    val columns: List<Label> get() = ends(grid.marked(across), columnsPer)
    val rows: List<Label> get() = ends(grid.marked(down), rowsPer)

    /** Whether a square stands for one position each of the second axis. */
    val isWhole: Boolean = columnsPer == 1 && rowsPer == 1

    /** The grid's cell at each place, row by row. */
    val cells: List<Int> by lazy { (0 until height).flatMap { y -> (0 until width).map { x -> cell(x, y) } } }

    private val largest: Double by lazy {
        cells.mapNotNull { grid.mean(it) }.maxOfOrNull { abs(it - grid.centre) } ?: 0.0
    }

    /** Half-width of the colour scale. */
    val reach: Double by lazy {
        val shared = grid.scale ?: largest
        (if (grid.isRecovery) shared.coerceIn(LEAST_REACH, 1.0) else shared).takeIf { it > 0 } ?: 1.0
    }

    /** The colours of its cells. */
    val scale: ColourScale by lazy { ColourScale.changes(grid.centre, reach, grid.measure.range) }

    /** Whether some value lies beyond the ends of the colour scale. */
    val clamped: Boolean by lazy { largest > reach }

    private fun cell(
        x: Int,
        y: Int,
    ): Int {
        val place = MutableList(grid.axes.size) { 0 }
        val along = columnsOf(x).flatMap { column ->
            rowsOf(y).flatMap { row ->
                place[across] = column
                place[down] = row
                if (hidden == null) {
                    listOf(grid.index(place))
                } else {
                    (0 until grid.sizes[hidden]).map { grid.index(place.also { p -> p[hidden] = it }) }
                }
            }
        }
        return along.singleOrNull() ?: along.maxBy { cell -> grid.mean(cell)?.let { abs(it - grid.centre) } ?: -1.0 }
    }

    private fun columnsOf(x: Int) = x * columnsPer until minOf((x + 1) * columnsPer, grid.sizes[across])

    private fun rowsOf(y: Int) = y * rowsPer until minOf((y + 1) * rowsPer, grid.sizes[down])

    companion object {
        /** Recoveries below this are not stretched to full colour. */
        private const val LEAST_REACH = 0.1

        /**
         * Chooses the axes of [grid]: layers run across if there are any; of three axes, heads are hidden, else the
         * last.
         */
        fun of(grid: ResultGrid): HeatmapAxes {
            val names = grid.axes.map { it.name }
            val hidden = if (names.size < 3) null else names.indexOf("head").takeIf { it >= 0 } ?: 2
            val left = names.indices - listOfNotNull(hidden).toSet()
            val across = left.find { names[it] == "layer" } ?: left.first()
            val down = left.first { it != across }
            val (columnsPer, rowsPer) = listOf(across, down).let { axes ->
                Blocks.widths(axes.map { grid.sizes[it] }, divisible(axes.map { names[it] }), MOST_CELLS)
            }
            return HeatmapAxes(grid, across, down, hidden, columnsPer, rowsPer)
        }

        private fun blocks(
            cells: Int,
            per: Int,
        ) = (cells + per - 1) / per

        /** Returns the labels of blocks of [per] labels: their ends. */
        private fun ends(
            labels: List<Label>,
            per: Int,
        ): List<Label> =
            if (per == 1) {
                labels
            } else {
                labels.chunked(per) {
                    Label(
                        "${it.first().text} \u2013 ${it.last().text}",
                        it.any { one ->
                            one.ofSubject
                        },
                    )
                }
            }
    }
}
