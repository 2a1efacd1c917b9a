package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.SweepSpec

/**
 * Returns [grid] with the axes layer and place: unchanged, transposed, or, for a sweep over layers at one place, with
 * an additional axis for that place; null if it has other axes.
 */
internal fun byLayer(grid: ResultGrid): ResultGrid? {
    val layer = grid.axes.indexOfFirst { it.name == "layer" }
    return when {
        layer == 0 && grid.axes.size == 2 -> grid
        layer == 1 && grid.axes.size == 2 -> turned(grid)
        layer == 0 && grid.axes.size == 1 -> atOnePlace(grid)
        else -> null
    }
}

private fun atOnePlace(grid: ResultGrid): ResultGrid? {
    val cells = (grid.analysis as? SweepSpec)?.cells.orEmpty()
    val place = cells.flatMap { cell -> cell.edits.map { it.at } }.distinct().singleOrNull()
    val span =
        when (place) {
            PlaceSpec.Last -> "last"
            is PlaceSpec.Span -> place.span
            else -> return null
        }
    val result = grid.result
    return grid.with(result.copy(axes = result.axes + AxisSpec("span", listOf(span)), shape = result.shape + 1))
}

private fun turned(grid: ResultGrid): ResultGrid {
    val (rows, columns) = grid.sizes

    fun turn(cells: List<Double?>) =
        if (cells.size != rows * columns) cells else List(cells.size) { cells[it % rows * columns + it / rows] }
    val result = grid.result
    return grid.with(
        result.copy(
            axes = result.axes.reversed(),
            shape = result.shape.reversed(),
            mean = turn(result.mean),
            ciLow = turn(result.ciLow),
            ciHigh = turn(result.ciHigh),
            pCorrected = turn(result.pCorrected),
            change = result.change?.run { copy(turn(mean), turn(standardError), turn(ciLow), turn(ciHigh)) },
        ),
    )
}
