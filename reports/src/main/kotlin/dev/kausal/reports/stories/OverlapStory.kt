package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.pWords
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.spec.FigureKind
import dev.kausal.spec.Order
import dev.kausal.spec.OverlapRecord
import dev.kausal.spec.OverlapSpec
import dev.kausal.spec.ResultKind

/** Heads that two rankings have in common. */
internal object OverlapStory : Story<OverlapSpec> {
    override val spec = OverlapSpec::class
    override val kind = ResultKind.Overlap

    override fun title(grid: ResultGrid): String = "heads that both rankings have at their top"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Lines

    override val background: String
        get() =
            "The overlap of two rankings is the share of heads that are at the top of both. Chance takes as many " +
                "heads of " +
                "each layer as the ranking does, but any of the layer: two rankings that only prefer the same " +
                "layers do " +
                "not exceed it. Its distribution is exact, the sum of a hypergeometric variable for each layer. " +
                "Rankings " +
                "by two halves of the same examples show how much noise leaves in common."

    override fun method(spec: OverlapSpec): String =
        "Overlap of ${listed(spec.of)} at the top ${listed(spec.tops.map { "$it" })}, heads ordered by " +
            "${by(spec.order)}."

    private fun by(order: Order): String =
        when (order) {
            Order.Strongest -> "the size of their mean effect"
            Order.Highest -> "how much they raise the metric"
            Order.Lowest -> "how much they lower the metric"
        }

    override fun findings(grid: ResultGrid): List<String> =
        listOf(headline(grid)) + listOfNotNull(halves(grid)) + RANKED_AND_COMPARED

    override fun headline(grid: ResultGrid): String {
        val spec = grid.analysis as? OverlapSpec ?: return ""
        val records = grid.result.overlap ?: return "Nothing is ranked, so nothing can be in common."
        val shared = listed(records.map { "${it.shared} of ${it.top}" })
        val chance = listed(records.map { "${number(it.expected)} (${pWords(it.p)})" })
        return "Top heads of ${listed(spec.of)} in common: $shared; chance within layers gives $chance. " +
            verdict(records)
    }

    private fun verdict(records: List<OverlapRecord>): String {
        val more = records.filter { it.shared > it.high }
        return when (more.size) {
            0 -> "That is no more than in 95 % of cases of chance."
            records.size -> "That is more than in 95 % of cases of chance."
            else -> "That is more than in 95 % of cases of chance for the top ${listed(more.map { "${it.top}" })} only."
        }
    }

    private fun halves(grid: ResultGrid): String? {
        val spec = grid.analysis as? OverlapSpec ?: return null
        val last = spec.tops.lastIndex
        val each = spec.of.mapIndexedNotNull { index, name ->
            grid.mean(grid.index(listOf(last, FIRST_HALVES + index)))?.let { "${number(it)} in $name" }
        }
        if (each.isEmpty()) return null
        return "Two halves of the same examples have a share of ${listed(each)} of their top ${spec.tops[last]} in " +
            "common."
    }

    private const val FIRST_HALVES = 3
    private const val RANKED_AND_COMPARED =
        "The rankings are compared on the examples that they were made of; p does not allow for the number of sizes."
}
