package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.changeOfShare
import dev.kausal.reports.stories.shareWithin
import dev.kausal.reports.stories.textsScored
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.tag
import dev.kausal.reports.svg.text
import dev.kausal.reports.words.count
import dev.kausal.spec.FigureKind
import dev.kausal.spec.GeneratedText
import dev.kausal.spec.Stopped

/** Maximum number of examples on a page, and of those that are open at first. */
private const val MOST_EXAMPLES = 40
private const val MOST_OPEN = 3

/** Maximum number of texts of one variant of an example. */
private const val MOST_DRAWS = 8

/** Shows the texts of every variant side by side, example by example. */
private fun texts(grid: ResultGrid): Drawing {
    val all = grid.result.texts.orEmpty()
    val shown = all.take(MOST_EXAMPLES).mapIndexed { example, cells ->
        named(grid.inputName(example)) + prompt(grid, example) + table(grid, cells)
    }
    val scored = textsScored(grid)
    val top = if (scored) shares(grid) else Markup.NONE
    val opened = if (scored) 1 else MOST_OPEN
    val open = Markup.joined(shown.take(opened))
    val others = shown.drop(opened)
    val rest = if (others.isEmpty()) {
        Markup.NONE
    } else {
        folded(count(others.size, "more example")) { Markup.joined(others) }
    }
    val left = all.size - shown.size
    val more = if (left > 0) line("${count(left, "more example")} in results.json.") else Markup.NONE
    val marked = if (grid.cells > 1) " What follows the first difference from the unedited text is underlined." else ""
    val above = if (scored) "Above: shares of texts, with intervals and changes from the unedited texts. " else ""
    val reading = above + "A row is the text that a variant writes after the prompt; below it, its length and why it " +
        "ends.$marked"
    return Drawing(top + block("texts") { open + rest + more }, reading)
}

/** The share of right texts of each variant, and its change from the unedited texts of the same examples. */
private fun shares(grid: ResultGrid): Markup {
    val rows = grid.labels(0).indices.markup { cell ->
        tag("tr") {
            heading("row", grid.labels(0)[cell]) +
                tag("td") { text(shareWithin(grid, cell)) } +
                tag("td") { text(if (cell == 0) "" else changeOfShare(grid, cell).orEmpty()) }
        }
    }
    val head = listOf("variant", grid.result.metric, "change").markup { heading("col", it) }
    return scrolledTable("class" to "cells", head = head, rows = rows)
}

private fun prompt(
    grid: ResultGrid,
    example: Int,
): Markup {
    val prompt = grid.prompt(example) ?: return Markup.NONE
    return tag("p", "class" to "prompt") { tag("small") { text("Prompt: ") } + text(prompt.text) }
}

private fun table(
    grid: ResultGrid,
    cells: List<List<GeneratedText>>,
): Markup {
    val unedited = cells.firstOrNull().orEmpty()
    val rows = cells.indices.markup { variant ->
        val draws = cells[variant].take(MOST_DRAWS)
        val more = cells[variant].size - draws.size
        draws.indices.markup { draw ->
            val head = if (draw == 0) grid.labels(0).getOrElse(variant) { "" } else ""
            val base = unedited.getOrNull(draw).takeIf { variant > 0 }
            tag("tr") { heading("row", head) + cell(draws[draw], base) }
        } + if (more > 0) rest(more) else Markup.NONE
    }
    val head = listOf("variant", "text").markup { heading("col", it) }
    return scrolledTable("class" to "texts", head = head, rows = rows)
}

private fun rest(more: Int): Markup =
    tag("tr") { heading("row", "") + tag("td") { text("${count(more, "more text")} in results.json") } }

private fun cell(
    written: GeneratedText,
    unedited: GeneratedText?,
): Markup =
    tag("td") {
        val same = unedited?.text?.commonPrefixWith(written.text) ?: written.text
        val other = written.text.removePrefix(same)
        val changed = if (other.isEmpty()) Markup.NONE else tag("mark") { text(other) }
        text(same) + changed + text("\n") + tag("small") { text(ending(written, unedited)) }
    }

private fun ending(
    written: GeneratedText,
    unedited: GeneratedText?,
): String {
    val length = count(written.ids.size, "token")
    val end = if (written.stopped == Stopped.EndToken) "$length, with the end token" else "$length, cut"
    return if (written.ids == unedited?.ids) "$end; as unedited" else end
}

/** Written texts, side by side. */
internal object TextsView : View {
    override val kind = FigureKind.Texts
    override val card = "table"

    override fun fits(grid: ResultGrid) = grid.result.texts != null

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ) = texts(grid)

    override fun data(
        grid: ResultGrid,
        plain: FigureData,
    ) = plain.copy(view = STILL)
}
