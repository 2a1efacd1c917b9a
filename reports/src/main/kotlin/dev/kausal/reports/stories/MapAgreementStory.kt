package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.spec.MapAgreementSpec
import dev.kausal.spec.ResultKind

/** Rank correlations of maps. */
internal object MapAgreementStory : Story<MapAgreementSpec> {
    override val spec = MapAgreementSpec::class
    override val kind = ResultKind.MapAgreement

    override fun method(spec: MapAgreementSpec): String =
        "Spearman's rank correlation over the patches of ${listed(spec.of)}, per image: last layer, mean over heads."

    override fun findings(grid: ResultGrid): List<String> = listOf(agreementFinding(grid))
}

/** Names the maps that agree most and least. */
private fun agreementFinding(grid: ResultGrid): String {
    val names = grid.axes.first().labels
    val pairs =
        names.indices.flatMap { b -> (0 until b).map { a -> a to b } }
            .mapNotNull { (a, b) -> grid.mean(grid.index(listOf(a, b)))?.let { "${names[a]} and ${names[b]}" to it } }
    val most = pairs.maxByOrNull { it.second } ?: return "No two maps could be compared."
    val least = pairs.minBy { it.second }
    val first = "${most.first} agree most (rank correlation ${number(most.second, 2)})"
    return if (pairs.size == 1) "$first." else "$first, ${least.first} least (${number(least.second, 2)})."
}
