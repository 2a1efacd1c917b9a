package dev.kausal.reports.stories

import dev.kausal.reports.figure.ALL_HEADS
import dev.kausal.reports.figure.byText
import dev.kausal.reports.figure.isInformative
import dev.kausal.reports.figure.isOfTokens
import dev.kausal.reports.figure.largestWeight
import dev.kausal.reports.figure.withHeads
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.number
import dev.kausal.reports.words.shownToken

/** Describes the largest attention weight; that of the first text if texts differ. */
internal fun textFinding(grid: ResultGrid): String? {
    if (!isOfTokens(grid)) return attentionFinding(grid)
    val texts = byText(grid)
    val found = attentionFinding(withHeads(texts.first())) ?: return null
    if (texts.size == 1) return found
    return "In \u201c${texts.first().exampleName(0)}\u201d: ${found.replaceFirstChar { it.lowercase() }}"
}

private fun attentionFinding(grid: ResultGrid): String? {
    if (grid.axes.size != 4) return rangeFinding(grid)
    val cell = largestWeight(grid) ?: return null
    val (layer, head) = grid.place(cell)
    val (query, from) = grid.origin(cell)[2].let { (at, token) -> at to shownToken(token) }
    val (key, to) = grid.origin(cell)[3].let { (at, token) -> at to shownToken(token) }
    val blocks = "blocks of the first token and on the diagonal"
    val excluded = if (grid.blocks == null) "first token and diagonal" else blocks
    val except = if (isInformative(grid, cell)) " ($excluded excluded)" else ""
    val layers = grid.labels(0)[layer].let { if (it == ALL_HEADS) "mean over layers" else "layer $it" }
    val heads = grid.labels(1)[head].let { if (it == ALL_HEADS) "mean over heads" else "head $it" }
    return "Largest attention weight$except: ${number(grid.mean(cell))}, $layers, $heads, from position $query " +
        "($from) to position $key ($to)."
}
