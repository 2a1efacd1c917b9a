package dev.kausal.reports.page

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.count
import dev.kausal.reports.words.number
import dev.kausal.spec.CellAudit
import kotlinx.html.FlowContent
import kotlinx.html.TBODY
import kotlinx.html.details
import kotlinx.html.div
import kotlinx.html.h3
import kotlinx.html.p
import kotlinx.html.summary
import kotlinx.html.table
import kotlinx.html.tbody
import kotlinx.html.td
import kotlinx.html.th
import kotlinx.html.thead
import kotlinx.html.tr

/** Maximum lines of a table; results.json has the others. */
private const val LINES = 400

/** Returns whether [audits] has a line for [grid]. */
internal fun hasAuditTable(grid: ResultGrid): Boolean = grid.result.cellAudit?.fired.orEmpty().isNotEmpty()

/** Writes the audit of each intervention: how often it fired, examples without a change, largest change. */
internal fun FlowContent.audits(grids: List<ResultGrid>) {
    val audited =
        grids.mapNotNull { grid ->
            grid.result.cellAudit?.takeIf { it.fired.isNotEmpty() }?.let { grid to it }
        }
    if (audited.isEmpty()) return
    h3 { +"Audit of the interventions" }
    p {
        +"A run stops if an edit misses its hook point, so all edits counted here were made. "
        +"A change is the largest absolute change in the edited activation."
    }
    auditTable("sweep", "interventions") { audited.forEach { (grid, audit) -> overall(grid, audit) } }
    audited.forEach { (grid, audit) ->
        details {
            summary { +"Each intervention of ${grid.result.name}" }
            auditTable("intervention", "fired") {
                audit.fired.indices.take(LINES).forEach { line(grid, audit, it) }
            }
            val more = audit.fired.size - LINES
            if (more > 0) p { +"${count(more, "more intervention")}: cellAudit in results.json." }
        }
    }
}

private fun FlowContent.auditTable(
    first: String,
    second: String,
    rows: TBODY.() -> Unit,
) {
    div("scroll") {
        attributes["tabindex"] = "0"
        table("environment") {
            thead {
                tr { listOf(first, second, "examples unchanged", "largest change").forEach { th { +it } } }
            }
            tbody(block = rows)
        }
    }
}

private fun TBODY.overall(
    grid: ResultGrid,
    audit: CellAudit,
) {
    val fewest = audit.fired.min()
    val most = audit.fired.max()
    val each = if (fewest == most) "$most times" else "$fewest to $most times"
    val still = audit.unchanged.sum()
    val cells = audit.fired.size
    tr {
        th { +grid.result.name }
        td { +"$cells, each fired $each" }
        td { +(if (still == 0) "none" else "$still in ${count(audit.unchanged.count { it > 0 }, "intervention")}") }
        td { +"${number(audit.largestChange.min())} to ${number(audit.largestChange.max())}" }
    }
}

private fun TBODY.line(
    grid: ResultGrid,
    audit: CellAudit,
    cell: Int,
) {
    tr {
        th { +grid.words(cell).ifEmpty { "the only one" } }
        td { +"${audit.fired[cell]}" }
        td { +"${audit.unchanged[cell]} of ${grid.result.perExample.count { it.getOrNull(cell) != null }}" }
        td { +number(audit.largestChange[cell]) }
    }
}
