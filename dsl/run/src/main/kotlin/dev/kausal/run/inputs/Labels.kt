package dev.kausal.run.inputs

import dev.kausal.engine.analysis.attention.PatchGrid
import dev.kausal.spec.AxisSpec

/** Returns the axes of a map over patches. */
internal fun gridAxes(grid: PatchGrid): List<AxisSpec> =
    listOf(numbered("row", grid.rows()), numbered("column", grid.columns()))

/** Returns an axis called [name] with numbers from 0 as labels. */
internal fun numbered(
    name: String,
    count: Int,
) = AxisSpec(name, List(count) { "$it" })

/** Returns the labels of cell [cell] of a row-major grid over these axes, each with its axis's name. */
internal fun List<AxisSpec>.labelsAt(cell: Int): List<String> {
    var rest = cell
    return asReversed()
        .map { axis ->
            val label = axis.labels[rest % axis.labels.size]
            rest /= axis.labels.size
            "${axis.name} $label"
        }.asReversed()
}
