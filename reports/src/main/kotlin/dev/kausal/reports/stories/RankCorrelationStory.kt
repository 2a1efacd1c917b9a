package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.within
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.spec.RankCorrelationSpec
import dev.kausal.spec.ResultKind

/** Rank correlations of results over heads. */
internal object RankCorrelationStory : Story<RankCorrelationSpec> {
    override val spec = RankCorrelationSpec::class
    override val kind = ResultKind.RankCorrelation

    override fun method(spec: RankCorrelationSpec): String =
        "Spearman's rank correlation of ${listed(spec.of)} over all heads, by the size of their mean effects; " +
            "corrected for attenuation by each one's split-half reliability."

    override fun findings(grid: ResultGrid): List<String> = listOf(headline(grid))

    override fun headline(grid: ResultGrid): String = rankHeadline(grid)
}

private fun rankHeadline(grid: ResultGrid): String {
    val names = grid.axes[0].labels
    val pairs = names.indices.flatMap { i -> (i + 1 until names.size).map { j -> i to j } }
    val shown =
        pairs.map { (i, j) ->
            val cell = grid.index(listOf(i, j))
            "${names[i]} and ${names[j]} ${number(grid.mean(cell))}${within(grid, cell)}"
        }
    return "Rank correlation of heads: ${listed(shown)}."
}
