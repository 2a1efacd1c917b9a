package dev.kausal.reports.page

import dev.kausal.reports.result.share
import dev.kausal.reports.words.number
import dev.kausal.spec.FilterResult
import dev.kausal.spec.OutputKind
import dev.kausal.statistics.Quantiles

/** Compares the ranks of the answers that a filter keeps with chance; null if it does not rank answers. */
internal fun rankSentence(
    filter: FilterResult,
    outputs: OutputKind,
): String? {
    if (filter.ranks.isEmpty()) return null
    val kept = filter.kept.mapNotNull { filter.ranks.getOrNull(it) }
    val first = kept.count { it.rank == 1 }
    val all = "Rank of the answer among all ${outputs.many}: median ${median(kept.map { it.rank })}, " +
        "first in $first of ${kept.size} kept."
    val known = filter.ranks.filter { it.among != null && it.candidates != null }
    if (known.isEmpty()) return all
    val sizes = known.mapNotNull { it.candidates }
    val between = if (sizes.min() == sizes.max()) "${sizes.min()}" else "${sizes.min()} to ${sizes.max()}"
    val best = known.count { it.among == 1 }
    val chance = sizes.sumOf { 1.0 / it }
    val middle = median(known.mapNotNull { it.among })
    return "$all Among $between candidate answers: median $middle, first in $best of " +
        "${known.size} (${share(best.toDouble() / known.size)}; chance ${share(chance / known.size)})."
}

private fun median(ranks: List<Int>): String {
    if (ranks.isEmpty()) return "not computed"
    val middle = Quantiles.median(ranks.map { it.toDouble() })
    return number(middle, if (middle % 1.0 == 0.0) 0 else 1)
}
