package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.ColourScale
import kotlin.math.abs

/** Two axes of a grid, [across] and [down]; a [hidden] third is reduced to its strongest cell. */
internal class HeatmapAxes private constructor(
    val grid: ResultGrid,
    val across: Int,
    val down: Int,
    val hidden: Int?,
) {
    val width: Int = grid.sizes[across]
    val height: Int = grid.sizes[down]

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
        place[across] = x
        place[down] = y
        if (hidden == null) return grid.index(place)
        val along = (0 until grid.sizes[hidden]).map { grid.index(place.also { p -> p[hidden] = it }) }
        return along.maxBy { cell -> grid.mean(cell)?.let { abs(it - grid.centre) } ?: -1.0 }
    }

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
            return HeatmapAxes(grid, across, left.first { it != across }, hidden)
        }
    }
}
