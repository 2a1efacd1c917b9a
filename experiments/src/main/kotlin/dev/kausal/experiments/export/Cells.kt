package dev.kausal.experiments.export

import dev.kausal.spec.Result

/** A column of numbers of a result's cells, over all examples; absent if it has no numbers. */
internal class CellColumn(
    val name: String,
    val numbers: List<Double?>,
)

/** Returns the columns of numbers that [result] has for its cells: means, intervals, tests. */
internal fun cellColumns(result: Result): List<CellColumn> =
    listOf(
        CellColumn("mean", result.mean),
        CellColumn("median", result.median),
        CellColumn("standardError", result.standardError),
        CellColumn("ciLow", result.ciLow),
        CellColumn("ciHigh", result.ciHigh),
        CellColumn("pValue", result.pValue),
        CellColumn("pCorrected", result.pCorrected),
        CellColumn("change", result.change?.mean.orEmpty()),
        CellColumn("changeStandardError", result.change?.standardError.orEmpty()),
        CellColumn("changeCiLow", result.change?.ciLow.orEmpty()),
        CellColumn("changeCiHigh", result.change?.ciHigh.orEmpty()),
        CellColumn("effect", result.effect),
    ).filter { it.numbers.size == cells(result) && it.numbers.isNotEmpty() }

/** Returns the numbers that [result] has for each example, by name: rows over its cells. */
internal fun exampleRows(result: Result): Map<String, List<List<Double?>>> =
    listOf("value" to result.perExample, "plain" to result.plain, "exact" to result.exact)
        .mapNotNull { (name, rows) -> rows?.let { name to it } }
        .filter { (_, rows) -> rows.size == result.examples.size && rows.isNotEmpty() }
        .toMap()

/** Returns the number of cells of [result]. */
internal fun cells(
    result: Result,
): Int = result.axes.fold(1) { cells, axis -> Math.multiplyExact(cells, axis.labels.size) }

/** Returns the labels of cell [index] of [result], one per axis. */
internal fun labels(result: Result, index: Int): List<String> {
    var rest = index
    return result.axes.asReversed().map { axis ->
        val label = axis.labels[rest % axis.labels.size]
        rest /= axis.labels.size
        label
    }.asReversed()
}

/** Returns the names of the axes of [result] as columns; those of the numbers, and `example`, are taken. */
internal fun axisNames(result: Result): List<String> {
    val taken = setOf("example") + exampleRows(result).keys + cellColumns(result).map { it.name }
    return result.axes.map { if (it.name in taken) "${it.name} (axis)" else it.name }
}
