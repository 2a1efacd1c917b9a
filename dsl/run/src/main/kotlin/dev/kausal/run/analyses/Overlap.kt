package dev.kausal.run.analyses

import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.SelectionSplit
import dev.kausal.run.inference.unranked
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.OverlapRecord
import dev.kausal.spec.OverlapSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.statistics.TopOverlap

/** Heads that two rankings have in common at their tops. */
internal object OverlapAnalysis : Reading<OverlapSpec>(OverlapSpec::class, Stage.RANKINGS) {
    override fun results(
        spec: OverlapSpec,
        on: RunContext,
    ): List<Result> = listOf(Overlaps(spec, on).result())
}

private class Overlaps(
    private val spec: OverlapSpec,
    private val on: RunContext,
) {
    private val heads = on.backend.config.heads()
    private val layers = on.backend.config.layers()

    /** The rankings, from the top; empty if no effect is above rounding. */
    private val ranked = spec.of.map { name -> rank(name) { true } }

    private fun rank(
        name: String,
        counts: (ContrastSpec) -> Boolean,
    ): List<Int> = on.rankings.ranked(name, spec.order, counts)

    fun result(): Result {
        val records = if (ranked.any { it.isEmpty() }) null else spec.tops.map(::record)
        val halves = spec.of.map(::halves)
        val quantities = listOf("in common", "by chance", "95 % of chance") + spec.of.map { "halves of $it" }
        val rows = spec.tops.mapIndexed { index, top ->
            val found = records?.get(index)
            val own = found?.run { listOf(shared / top.toDouble(), expected / top, high / top.toDouble()) }
            (own ?: listOf(null, null, null)) + halves.map { it[index] }
        }
        return Result(
            name = spec.name,
            kind = ResultKind.Overlap,
            metric = "share of the top heads",
            axes = listOf(AxisSpec("top", spec.tops.map { "$it" }), AxisSpec("quantity", quantities)),
            examples = emptyList(),
            shape = listOf(spec.tops.size, quantities.size),
            perExample = emptyList(),
            mean = rows.flatten(),
            overlap = records,
            notes = spec.of.filterIndexed { index, _ -> ranked[index].isEmpty() }.map(::unranked),
        )
    }

    private fun record(top: Int): OverlapRecord {
        val (a, b) = ranked.map { it.take(top).toSet() }
        val shared = (a intersect b).size
        val chance = TopOverlap.of(a, b, List(layers) { heads }) { it / heads }
        return OverlapRecord(top, shared, chance.expected, chance.exceededBy(ALPHA), chance.atLeast(shared))
    }

    /** Returns, for each size, the mean share that two halves of a ranking's examples have in common; null if there are none. */
    private fun halves(name: String): List<Double?> {
        val contrasts = on.rankings.contrasts(name)
        val by = on.spec.inference?.clusters ?: Grouping.Subject
        val splits = SelectionSplit.several(contrasts, by, on.spec.seed, 2 * SPLITS).filterIndexed { index, _ ->
            index %
                2 ==
                0
        }
        val pairs =
            splits.map { split -> rank(name) { split.chooses(it) } to rank(name) { !split.chooses(it) } }
                .filter { (a, b) -> a.isNotEmpty() && b.isNotEmpty() }
        if (pairs.isEmpty()) return spec.tops.map { null }
        return spec.tops.map { top ->
            pairs.map { (a, b) -> (a.take(top) intersect b.take(top).toSet()).size / top.toDouble() }.average()
        }
    }

    private companion object {
        const val ALPHA = 0.05
        const val SPLITS = 10
    }
}
