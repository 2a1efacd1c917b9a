package dev.kausal.reports.figure

/**
 * A node with its place among rows, from the bottom up, and columns, from the left.
 *
 * @property row number of its row, and [column] of its column
 */
internal data class CellOf(
    val id: String,
    val row: Int,
    val column: Int,
)

/** Places the nodes of a graph in a grid of given rows and columns, as layers and positions are; a cell may hold several. */
internal class PositionLayout(
    cells: List<CellOf>,
    private val width: Double,
    private val height: Double,
) {
    private val groups = cells.groupBy { it.row to it.column }.mapValues { (_, all) ->
        all.map { it.id }.chunked(BESIDE)
    }
    private val columns = cells.map { it.column }.distinct().sorted()
    private val rows = cells.map { it.row }.distinct().sortedDescending()

    /** Left end of each column, and the end of the last. */
    private val lefts = ends(columns) { column ->
        of(column).maxOf { lines ->
            lines.maxOf { it.size }
        } * (width + GAP) +
            PAD
    }

    /** Top of each row, and the end of the last. */
    private val tops = ends(rows) { row ->
        groups.filterKeys { it.first == row }.values.maxOf { it.size } * (height + GAP) + BETWEEN
    }

    private val places: Map<String, Point> =
        buildMap {
            groups.forEach { (at, lines) ->
                val middle = middle(at.second)
                lines.forEachIndexed { line, ids ->
                    val left = middle - (ids.size * (width + GAP) - GAP) / 2
                    ids.forEachIndexed { i, id ->
                        val y = tops[rows.indexOf(at.first)] + line * (height + GAP)
                        put(id, Point(left + i * (width + GAP), y))
                    }
                }
            }
        }

    private fun of(column: Int) = groups.filterKeys { it.second == column }.values

    private fun ends(
        all: List<Int>,
        length: (Int) -> Double,
    ): List<Double> = all.runningFold(0.0) { end, one -> end + length(one) }

    /** Returns the middle of a column. */
    fun middle(column: Int): Double = columns.indexOf(column).let { (lefts[it] + lefts[it + 1]) / 2 }

    /** Returns the places, and the routes of [edges] from lower to higher rows. */
    fun placed(edges: List<Pair<String, String>>): PlacedGraph =
        PlacedGraph(
            lefts.last(),
            tops.last() - BETWEEN,
            places,
            edges.map { (from, to) -> route(places.getValue(from), places.getValue(to)) },
        )

    private fun route(
        from: Point,
        to: Point,
    ): List<Point> {
        val start = Point(from.x + width / 2, from.y)
        val end = Point(to.x + width / 2, to.y + height)
        val bend = (start.y - end.y) / 2
        return listOf(start, Point(start.x, start.y - bend), Point(end.x, end.y + bend), end)
    }

    private companion object {
        /** Most nodes beside each other in a cell. */
        const val BESIDE = 3
        const val GAP = 6.0
        const val PAD = 10.0
        const val BETWEEN = 34.0
    }
}
