package dev.kausal.reports.figure

import dev.kausal.reports.result.BehaviourGroups
import dev.kausal.reports.result.pOf
import dev.kausal.reports.result.pWords
import dev.kausal.reports.result.points
import dev.kausal.reports.result.share
import dev.kausal.reports.result.shares
import dev.kausal.reports.result.within
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.tag
import dev.kausal.reports.svg.text
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed

/** Returns the tables of a behaviour figure: each group alone, and each beyond the controls. */
internal fun behaviourTables(groups: BehaviourGroups): Markup {
    val own = groups.names.indices.map { own(groups, it) }
    val first = table(listOf("group", "n", "answer, clean", "answer, corrupted", "flips", "shift", "p"), own)
    if (groups.controls.isEmpty()) return first
    val beyond = groups.others.flatMap { group -> groups.controls.indices.map { beyond(groups, group, it) } }
    return first + table(listOf("group", "beyond", "flips", "shift", "p", "finding"), beyond)
}

private fun own(
    groups: BehaviourGroups,
    group: Int,
): List<String> {
    val grid = groups.grid
    val (turned, shift) = groups.turned(group) to groups.shift(group)
    val p = pOf(grid, shift)
    val claim = if (p == null || shift in groups.found) "" else "; no effect found"
    return listOf(
        groups.names[group] + if (groups.names[group] in groups.controls) " (control)" else "",
        "${groups.size(group)}",
        share(grid.mean(groups.clean(group))),
        share(grid.mean(groups.corrupted(group))),
        share(grid.mean(turned)) + shares(grid, turned),
        number(grid.mean(shift)) + within(grid, shift),
        (p?.let(::pWords) ?: "not tested") + claim,
    )
}

/** Returns the flips and shift of a group beyond a control, paired by question. */
private fun beyond(
    groups: BehaviourGroups,
    group: Int,
    control: Int,
): List<String> {
    val grid = groups.grid
    val (turned, shift) = groups.turnedBeyond(group, control) to groups.shiftBeyond(group, control)
    val name = listOf(groups.names[group], groups.controls[control])
    if (grid.mean(shift) == null) return name + listOf("", "", "", "no question with both")
    val interval = grid.interval(turned)?.let { (low, high) ->
        " (${signed(100 * low, 0)} to ${signed(100 * high, 0)})"
    }
    val p = pOf(grid, shift)?.let(::pWords).orEmpty()
    return name + listOf(
        points(grid.mean(turned)) + interval.orEmpty(),
        number(grid.mean(shift)) + within(grid, shift),
        p,
        groups.verdict(shift),
    )
}

private fun table(
    head: List<String>,
    rows: List<List<String>>,
): Markup {
    val body = rows.markup { row ->
        tag("tr") { heading("row", row.first()) + row.drop(1).markup { tag("td") { text(it) } } }
    }
    return scrolledTable("class" to "cells", head = head.markup { heading("col", it) }, rows = body)
}
