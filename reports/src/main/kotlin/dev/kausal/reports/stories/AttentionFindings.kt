package dev.kausal.reports.stories

import dev.kausal.reports.figure.ALL_HEADS
import dev.kausal.reports.figure.byText
import dev.kausal.reports.figure.isOfTokens
import dev.kausal.reports.figure.sharpestLook
import dev.kausal.reports.figure.telling
import dev.kausal.reports.figure.withHeads
import dev.kausal.reports.result.Grid
import dev.kausal.reports.words.number
import dev.kausal.reports.words.shownToken

/** The sharpest look; of texts that differ, that of the first. */
internal fun textFinding(grid: Grid): String? {
    if (!isOfTokens(grid)) return attentionFinding(grid)
    val texts = byText(grid)
    val found = attentionFinding(withHeads(texts.first())) ?: return null
    return if (texts.size == 1) found else "$found This is of \u201c${texts.first().exampleName(0)}\u201d."
}

private fun attentionFinding(grid: Grid): String? {
    if (grid.axes.size != 4) return strongestFinding(grid)
    val cell = sharpestLook(grid) ?: return null
    val (layer, head, query, key) = grid.place(cell)
    val from = shownToken(grid.axes[2].labels[query])
    val to = shownToken(grid.axes[3].labels[key])
    val aside = if (telling(grid, cell)) ", the first token and itself aside," else ""
    val who = grid.labels(1)[head].let { if (it == ALL_HEADS) "the mean over heads" else "head $it" }
    val where = grid.labels(0)[layer].let { if (it == ALL_HEADS) "over all layers" else "in layer $it" }
    return "The sharpest look$aside is of $who $where: position $query " +
        "($from) gives ${number(grid.mean(cell))} of its attention to position $key ($to)."
}
