package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid

/** Returns the axis that lines go along: doses, else layers, else the first. */
internal fun along(grid: ResultGrid): Int =
    listOf("strength", "layer").map { name -> grid.axes.indexOfFirst { it.name == name } }.firstOrNull { it >= 0 } ?: 0
