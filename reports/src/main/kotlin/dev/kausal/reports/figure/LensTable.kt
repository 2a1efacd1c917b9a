package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.count
import dev.kausal.reports.words.escaped
import dev.kausal.reports.words.shownToken
import dev.kausal.spec.FigureKind
import dev.kausal.spec.LikelyToken
import kotlin.math.roundToInt

private const val MOST_TABLES = 4
private const val MOST_ROWS_OPEN = 1

/** Maximum number of cells in all tables of a figure. */
private const val MOST_OF_TABLES = 8_000

/** Returns the number of tables of [cells] cells that a page has. */
internal fun tablesOf(cells: Int): Int = (MOST_OF_TABLES / cells.coerceAtLeast(1)).coerceIn(1, MOST_TABLES)

/** Shows the most likely next token after every layer at every position, in a table for each of the first examples. */
internal fun lensTable(grid: ResultGrid): Drawing {
    val top = grid.result.top.orEmpty()
    val tables = top.take(tablesOf(grid.cells)).mapIndexed { i, cells ->
        val name = escaped(grid.inputName(i))
        val table = table(grid, cells, i)
        when {
            top.size == 1 -> table
            i < MOST_ROWS_OPEN -> "<p class=\"of\">Example: $name</p>$table"
            else -> "<details><summary>$name</summary>$table</details>"
        }
    }
    val left = top.size - tables.size
    val examples = if (left > 0) "<p class=\"of\">${count(left, "more example")} in results.json.</p>" else ""
    val columns = grid.sizes[across(grid)] - columns(grid)
    val rest = if (columns > 0) "<p class=\"of\">${count(columns, "more position")} in results.json.</p>" else ""
    val reading =
        "Rows are layers, columns positions. Each cell shows the likeliest next token as read from the residual " +
            "stream after that layer, with its probability in percent; the stronger the colour, the likelier. A frame marks the answer."
    return Drawing(tables.joinToString("") + rest + examples, reading)
}

private fun across(grid: ResultGrid): Int = 1 - grid.axes.indexOfFirst { it.name == "layer" }.coerceAtLeast(0)

/** Returns the number of positions that a table shows, from the first. */
private fun columns(grid: ResultGrid): Int {
    val rows = grid.sizes[1 - across(grid)]
    return grid.sizes[across(grid)].coerceAtMost((MOST_OF_TABLES / rows).coerceAtLeast(1))
}

private fun table(
    grid: ResultGrid,
    cells: List<List<LikelyToken>>,
    example: Int,
): String {
    val across = across(grid)
    val layer = 1 - across
    val columns = columns(grid)
    val out =
        StringBuilder(
            "<div class=\"scroll\" tabindex=\"0\"><table class=\"lens\" data-example=\"$example\"><thead><tr><th scope=\"col\">layer</th>",
        )
    val answers = grid.set?.contrasts?.getOrNull(example)?.answers.orEmpty().map { it.text }
    val tokens = grid.set?.contrasts?.getOrNull(example)?.clean?.tokens
    val own = tokens?.takeIf { grid.run == "clean" && it.size == grid.sizes[across] }
    val heads = own?.map { shownToken(it) } ?: grid.labels(across)
    heads.take(columns).forEach { out.append("<th scope=\"col\">${escaped(it)}</th>") }
    out.append("</tr></thead><tbody>")
    for (row in 0 until grid.sizes[layer]) {
        out.append("<tr><th scope=\"row\">${escaped(grid.labels(layer)[row])}</th>")
        for (column in 0 until columns) {
            val place = if (layer == 0) listOf(row, column) else listOf(column, row)
            val at = grid.index(place)
            val end = row == grid.sizes[layer] - 1 && column == grid.sizes[across] - 1
            out.append(cell(at, cells.getOrNull(at).orEmpty(), answers, if (end) " data-finding=\"\"" else ""))
        }
        out.append("</tr>")
    }
    return out.append("</tbody></table></div>").toString()
}

private fun cell(
    at: Int,
    likely: List<LikelyToken>,
    answers: List<String>,
    more: String,
): String {
    val first = likely.firstOrNull() ?: return "<td></td>"
    val percent = (first.probability * 100).roundToInt()
    val shade = (first.probability.coerceIn(0.0, 1.0) * 10).roundToInt()
    val right = if (first.token in answers) " right" else ""
    val token = escaped(shownToken(first.token))
    return "<td data-c=\"$at\"$more class=\"p$shade$right\">$token <small>$percent</small></td>"
}

/** The likeliest tokens. */
internal object LensTableView : View {
    override val kind = FigureKind.Table
    override val card = "table"

    override fun fits(grid: ResultGrid) = grid.axes.size == 2 && !grid.result.top.isNullOrEmpty()

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ) = lensTable(grid)

    override fun data(
        grid: ResultGrid,
        plain: FigureData,
    ) = plain.copy(view = "lens")
}
