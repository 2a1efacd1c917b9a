package dev.kausal.reports.page

import dev.kausal.reports.stories.share
import dev.kausal.reports.words.number
import dev.kausal.spec.FilterResult
import dev.kausal.statistics.Quantiles

/** How well the model knows the answers that a filter keeps, beside what chance would keep; null if the filter does not ask. */
internal fun rankSentence(filter: FilterResult): String? {
    if (filter.ranks.isEmpty()) return null
    val kept = filter.kept.mapNotNull { filter.ranks.getOrNull(it) }
    val first = kept.count { it.rank == 1 }
    val all = "Among all tokens, the answer is the likeliest in $first of the ${kept.size} kept; " +
        "its median rank is ${median(kept.map { it.rank })}."
    val known = filter.ranks.filter { it.among != null && it.candidates != null }
    if (known.isEmpty()) return all
    val sizes = known.mapNotNull { it.candidates }
    val between = if (sizes.min() == sizes.max()) "${sizes.min()}" else "${sizes.min()} to ${sizes.max()}"
    val best = known.count { it.among == 1 }
    val chance = sizes.sumOf { 1.0 / it }
    return "$all Among $between candidate answers, it is the likeliest in $best of ${known.size} " +
        "(${share(best.toDouble() / known.size)}; by chance ${share(chance / known.size)}), " +
        "and its median rank is ${median(known.mapNotNull { it.among })}."
}

private fun median(ranks: List<Int>): String {
    if (ranks.isEmpty()) return "not computed"
    val middle = Quantiles.median(ranks.map { it.toDouble() })
    return number(middle, if (middle % 1.0 == 0.0) 0 else 1)
}
