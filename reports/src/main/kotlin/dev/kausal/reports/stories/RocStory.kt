package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RocRecord
import dev.kausal.spec.RocSpec

/** Recovery of known edges. */
internal object RocStory : Story<RocSpec> {
    override val spec = RocSpec::class
    override val kind = ResultKind.Roc

    override fun title(grid: ResultGrid): String = "recovery of known edges"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Bars

    override val background: String
        get() =
            "Edges are ranked by the sizes of their mean effects. At each threshold, the true positive rate is the " +
                "share of the known edges whose effect reaches it, the false positive rate that of all others. " +
                "AUROC, the area under the curve of both, is the probability that a known edge has a larger effect " +
                "than another one: 1 if all known edges come first, 0.5 for a random order."

    override fun method(spec: RocSpec): String =
        "Recovery of ${count(spec.truth.size, "known edge")} by ${listed(spec.of)}."

    override fun findings(grid: ResultGrid): List<String> =
        grid.result.roc.orEmpty().let { all -> listOf(headline(grid)) + all.mapNotNull(::missed) + coarse(all) }

    override fun headline(grid: ResultGrid): String {
        val spec = grid.analysis as? RocSpec ?: return ""
        val all = grid.result.roc.orEmpty()
        val areas = all.map { "${it.ranking} ${number(it.area)}" }
        val known = count(spec.truth.size, "known edge")
        return "AUROC of the $known among ${all.firstOrNull()?.edges}: ${listed(areas)}."
    }

    private fun missed(record: RocRecord): String? {
        if (record.missed.isEmpty()) return null
        val named = record.missed.take(NAMED)
        val more = record.missed.size - named.size
        val others = if (more > 0) listOf("$more more") else emptyList()
        return "${record.ranking} does not rank ${listed(named + others)} above all other edges; the first " +
            "${count(record.first, "edge")} have all known ones."
    }

    private fun coarse(all: List<RocRecord>): String =
        "As the MIB benchmark computes it, from greedy circuits of ten sizes: " +
            listed(all.map { "${it.ranking} ${it.greedyArea?.let(::number) ?: "no value"}" }) + "."

    override val parts: List<ResultStory> = listOf(RocCurveStory)

    /** Missed edges that a sentence names. */
    private const val NAMED = 4
}

/** True positive rates by false positive rates. */
internal object RocCurveStory : ResultStory {
    override val kind = ResultKind.RocCurve

    override fun title(grid: ResultGrid): String = "known edges found, by the share of others taken for known"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Lines

    override fun findings(grid: ResultGrid): List<String> {
        val names = grid.axes[1].labels
        val first = names.indices.map { "${names[it]} ${number(grid.mean(it))}" }
        return listOf("Share of the known edges that rank above all others: ${listed(first)}.")
    }
}
