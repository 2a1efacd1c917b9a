package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import org.jetbrains.letsPlot.geom.geomRibbon
import org.jetbrains.letsPlot.intern.Feature

/** Returns the least and the largest mean of the controls at each label along the lines; null if the result has no such controls. */
private fun controlRange(grid: ResultGrid): List<Pair<Double, Double>?>? {
    val probe = grid.result.probe?.takeIf { grid.axes.size == 1 }
    val dose = grid.result.dose
    val alignment = grid.result.alignment
    val axis = along(grid)
    val byCell: List<List<Double>> =
        when {
            probe != null -> {
                probe.shuffled
            }

            alignment != null -> {
                val controls = alignment.swaps.filter { it.swap.isControl }
                List(grid.cells) { cell -> controls.mapNotNull { it.mean[cell] } }
            }

            dose != null -> {
                List(grid.cells) { cell -> (dose.random + dose.shuffled).mapNotNull { it[cell] } }
            }

            else -> {
                return null
            }
        }
    return List(grid.sizes[axis]) { label ->
        val values = (0 until grid.cells).filter { grid.place(it)[axis] == label }.flatMap { byCell[it] }
        if (values.isEmpty()) null else values.min() to values.max()
    }
}

/** Returns a grey band of the controls' range behind the lines; null if the result has no such controls. */
internal fun controlBand(grid: ResultGrid): Feature? {
    val range = controlRange(grid) ?: return null
    val at = range.indices.filter { range[it] != null }
    val data = mapOf("x" to at, "low" to at.map { range[it]!!.first }, "high" to at.map { range[it]!!.second })
    return geomRibbon(data = data, fill = "#9a9a9a", alpha = 0.35, size = 0.0) {
        x = "x"
        ymin = "low"
        ymax = "high"
    }
}

/** Explains the band of the controls, after a blank; empty if there is none. */
internal fun controlReading(grid: ResultGrid): String =
    when {
        grid.result.probe != null && grid.axes.size == 1 -> " Grey: range of probes of shuffled classes."
        grid.result.alignment != null -> " Grey: range of arbitrary labels, random weights and random subspaces."
        grid.result.dose != null -> " Grey: range of random and shuffled directions, over all layers."
        else -> ""
    }
