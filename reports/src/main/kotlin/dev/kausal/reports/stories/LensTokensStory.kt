package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.shownToken
import dev.kausal.spec.ResultKind

/** What a logit lens says of tokens that the script names. */
internal object LensTokensStory : ResultStory {
    override val kind = ResultKind.LensTokens

    override fun title(grid: ResultGrid): String = "${metricWords(grid.measure)}, by layer and position"

    override fun findings(grid: ResultGrid): List<String> =
        grid.slices().map { (token, slice) -> best(shownToken(token), slice) }

    /** Returns the best cell of a token; small ranks are best. */
    private fun best(
        token: String,
        grid: ResultGrid,
    ): String {
        val ranks = grid.result.metric.startsWith("rank")
        val cell = grid.cellOfMost { cell -> grid.mean(cell)?.let { if (ranks) -it else it } }
            ?: return "No value of \u201c$token\u201d was computed."
        val which = if (ranks) "best" else "largest"
        val what = "$which ${metricWords(grid.measure)}"
        return "\u201c$token\u201d: $what ${number(grid.mean(cell))}, at ${grid.words(cell)}."
    }
}
