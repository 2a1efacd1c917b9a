package dev.kausal.experiments.session

import dev.kausal.experiments.export.cellColumns
import dev.kausal.experiments.export.cells
import dev.kausal.experiments.export.exampleRows
import dev.kausal.experiments.export.labels
import dev.kausal.spec.Result

/**
 * Numbers of a result as a table.
 *
 * @property name name of the result
 * @property columns columns by name, all of the same length: texts or whole numbers for examples and axes, then numbers, null
 *   where none was computed
 */
public class ResultTable internal constructor(
    public val name: String,
    public val columns: Map<String, List<Any?>>,
) {
    /** Number of rows. */
    public val rows: Int get() = columns.values.firstOrNull()?.size ?: 0

    internal companion object {
        /** Returns a row for each cell of [result]. */
        fun ofCells(result: Result): ResultTable {
            val numbers = cellColumns(result).associate { it.name to it.numbers }
            return ResultTable(result.name, axes(result, List(cells(result)) { it }, numbers.keys) + numbers)
        }

        /** Returns a row for each example and cell of [result]. */
        fun ofExamples(result: Result): ResultTable {
            val rows = exampleRows(result)
            val places = result.examples.indices.flatMap { example ->
                List(rows.values.maxOfOrNull { it[example].size } ?: 0) { cell -> example to cell }
            }
            val numbers = rows.mapValues { (_, of) -> places.map { (example, cell) -> of[example].getOrNull(cell) } }
            val examples = mapOf(EXAMPLE to places.map { (example) -> result.examples[example] })
            val axes = axes(result, places.map { it.second }, numbers.keys + EXAMPLE)
            return ResultTable(result.name, examples + axes + numbers)
        }

        /** Returns a column of labels for each axis, by [cells]; whole numbers if all of its labels are. */
        private fun axes(result: Result, cells: List<Int>, taken: Set<String>): Map<String, List<Any?>> {
            val of = cells.map { labels(result, it) }
            return result.axes.withIndex().associate { (i, axis) ->
                val whole = axis.labels.all { it.toIntOrNull() != null }
                val name = if (axis.name in taken) "${axis.name} (axis)" else axis.name
                name to of.map { if (whole) it[i].toInt() else it[i] }
            }
        }

        private const val EXAMPLE = "example"
    }
}
