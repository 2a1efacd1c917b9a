package dev.kausal.experiments.export

import dev.kausal.spec.Result
import org.apache.commons.csv.CSVFormat
import org.apache.commons.csv.CSVPrinter
import java.io.Writer

/** Results as tables: one row per number, with the names of example and axes as columns. Absent numbers are empty. */
internal object CsvTables {
    /** Writes a row for each example and cell of [result] to [out]. */
    fun examples(result: Result, out: Writer) {
        val rows = exampleRows(result)
        val names = axisNames(result)
        printer(out, listOf("example") + names + rows.keys).use { table ->
            result.examples.forEachIndexed { example, label ->
                val numbers = rows.values.map { it[example] }
                for (cell in 0 until (numbers.firstOrNull()?.size ?: 0)) {
                    table.printRecord(listOf(label) + labels(result, cell) + numbers.map { it.getOrNull(cell) })
                }
            }
        }
    }

    /** Writes a row for each cell of [result], over all examples, to [out]. */
    fun cells(result: Result, out: Writer) {
        val columns = cellColumns(result)
        printer(out, axisNames(result) + columns.map { it.name }).use { table ->
            for (cell in 0 until cells(result)) {
                table.printRecord(labels(result, cell) + columns.map { it.numbers[cell] })
            }
        }
    }

    private fun printer(out: Writer, header: List<String>): CSVPrinter =
        CSVPrinter(out, CSVFormat.RFC4180.builder().setRecordSeparator("\n").setHeader(*header.toTypedArray()).get())
}
