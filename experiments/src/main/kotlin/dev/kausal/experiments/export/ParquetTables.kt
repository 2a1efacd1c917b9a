package dev.kausal.experiments.export

import dev.kausal.spec.Result
import java.io.OutputStream

/** The tables of [CsvTables] as Parquet files, with absent numbers as nulls. */
internal object ParquetTables {
    /** Writes a row for each example and cell of [result] to [out]. */
    fun examples(result: Result, out: OutputStream) {
        val cells = cells(result)
        val numbers = exampleRows(result)
        val example = TableColumn.Texts("example", result.examples) { it / cells }
        val values = numbers.map { (name, rows) ->
            TableColumn.Numbers(name) { rows[it / cells].getOrNull(it % cells) }
        }
        val rows = if (numbers.isEmpty()) 0 else Math.multiplyExact(result.examples.size, cells)
        ParquetFile(out).write(listOf(example) + axes(result) { it % cells } + values, rows)
    }

    /** Writes a row for each cell of [result], over all examples, to [out]. */
    fun cells(result: Result, out: OutputStream) {
        val columns = cellColumns(result).map { column -> TableColumn.Numbers(column.name) { column.numbers[it] } }
        ParquetFile(out).write(axes(result) { it } + columns, cells(result))
    }

    /** Returns a column for each axis of [result]; [cell] returns the cell of a row. */
    private fun axes(result: Result, cell: (Int) -> Int): List<TableColumn> {
        val names = axisNames(result)
        var stride = cells(result)
        return result.axes.mapIndexed { index, axis ->
            stride /= maxOf(1, axis.labels.size)
            val each = stride
            TableColumn.Texts(names[index], axis.labels) { row -> cell(row) / each % axis.labels.size }
        }
    }
}
