package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.tag
import dev.kausal.reports.svg.text
import dev.kausal.reports.words.count
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
        val name = grid.inputName(i)
        val table = table(grid, cells, i)
        when {
            top.size == 1 -> table
            i < MOST_ROWS_OPEN -> line("Example: $name") + table
            else -> folded(name) { table }
        }
    }
    val left = top.size - tables.size
    val examples = if (left > 0) line("${count(left, "more example")} in results.json.") else Markup.NONE
    val columns = grid.sizes[across(grid)] - columns(grid)
    val rest = if (columns > 0) line("${count(columns, "more position")} in results.json.") else Markup.NONE
    val reading =
        "Rows are layers, columns positions. Each cell shows the likeliest next token as read from the residual " +
            "stream after that layer, with its probability in percent; the stronger the colour, the likelier. A frame marks the answer."
    return Drawing(Markup.joined(tables) + rest + examples, reading)
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
): Markup {
    val across = across(grid)
    val layer = 1 - across
    val columns = columns(grid)
    val answers = grid.set?.contrasts?.getOrNull(example)?.answers.orEmpty().map { it.text }
    val tokens = grid.set?.contrasts?.getOrNull(example)?.clean?.tokens
    val own = tokens?.takeIf { grid.run == "clean" && it.size == grid.sizes[across] }
    val heads = own?.map { shownToken(it) } ?: grid.labels(across)
    val rows = (0 until grid.sizes[layer]).markup { row ->
        val shown = (0 until columns).markup { column ->
            val at = grid.index(if (layer == 0) listOf(row, column) else listOf(column, row))
            val end = row == grid.sizes[layer] - 1 && column == grid.sizes[across] - 1
            cell(at, cells.getOrNull(at).orEmpty(), answers, end)
        }
        tag("tr") { heading("row", grid.labels(layer)[row]) + shown }
    }
    val head = (listOf("layer") + heads.take(columns)).markup { heading("col", it) }
    return scrolledTable("class" to "lens", "data-example" to example, head = head, rows = rows)
}

private fun cell(
    at: Int,
    likely: List<LikelyToken>,
    answers: List<String>,
    isFinding: Boolean,
): Markup {
    val first = likely.firstOrNull() ?: return tag("td") { Markup.NONE }
    val percent = (first.probability * 100).roundToInt()
    val shade = (first.probability.coerceIn(0.0, 1.0) * 10).roundToInt()
    val right = if (first.token in answers) " right" else ""
    val finding = if (isFinding) "" else null
    return tag("td", "data-c" to at, "data-finding" to finding, "class" to "p$shade$right") {
        text(shownToken(first.token) + " ") + tag("small") { text("$percent") }
    }
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
