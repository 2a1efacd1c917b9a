package dev.kausal.run.analyses

import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.context.RunContext
import dev.kausal.run.inputs.Seeds
import dev.kausal.run.inputs.labelsAt
import dev.kausal.run.sweep.SweepResult
import dev.kausal.run.sweep.Sweeps
import dev.kausal.spec.Agreement
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CellSpec
import dev.kausal.spec.EditSpec
import dev.kausal.spec.Missed
import dev.kausal.spec.Numbers
import dev.kausal.spec.Result
import dev.kausal.spec.Screening
import dev.kausal.spec.ScreeningSpec
import dev.kausal.statistics.RankCorrelation
import dev.kausal.statistics.Shares
import dev.kausal.statistics.StratifiedSample
import kotlin.math.abs
import kotlin.math.sign

/** Computes some cells of an estimated sweep exactly, and compares. */
internal class Screened(
    private val request: SweepRequest,
    private val spec: ScreeningSpec,
    private val on: RunContext,
) {
    private val sweep = request.sweep

    /** Returns [result] of [estimates] with the exact numbers. */
    fun result(
        estimates: SweepResult,
        result: Result,
    ): Result {
        val changes = estimates.changes
        val known = changes.indices.filter { changes[it] != null }
        val ranked = known.sortedByDescending { abs(changes[it]!!) }
        val top = ranked.take(spec.top)
        val others = known - top.toSet()
        val seed = Seeds.screening(on.spec.seed, sweep.name)
        val sampled = StratifiedSample.of(others, spec.sample, seed) { stratum(sweep.cells[it]) }
        if (top.isEmpty()) return result
        val exact = computed(top + sampled)
        val rows = exact.values.map { row ->
            val placed = DoubleArray(sweep.cells.size) { Double.NaN }
            (top + sampled).forEachIndexed { at, cell -> placed[cell] = row[at] ?: Double.NaN }
            Numbers.of(placed)
        }
        val pairs = (top + sampled).mapIndexed { at, cell -> changes[cell] to exact.changes[at] }
        val screening = screening(top, sampled, others.size, pairs, result.rounding?.floor ?: 0.0)
        return result.copy(exact = rows, screening = screening)
    }

    private class Exact(
        val values: List<List<Double?>>,
        val changes: List<Double?>,
    )

    private fun computed(cells: List<Int>): Exact {
        val labels = cells.map { sweep.axes.labelsAt(it).joinToString() }
        val exact = sweep.copy(
            by = null,
            exact = null,
            axes = listOf(AxisSpec("cell", labels)),
            cells = sweep.cells.slice(cells),
        )
        val found = Sweeps(on).run(listOf(request.copy(sweep = exact)), "exact cells of ${sweep.name}").single()
        return Exact(found.result(null).perExample, found.changes)
    }

    /** What cells of one layer that edit the same kind of site have in common. */
    private fun stratum(
        cell: CellSpec,
    ): Any = cell.edits.map { layer(it) to it.site.substringAfterLast('.') }.distinct()

    private fun layer(edit: EditSpec): String = LAYER.find(edit.site)?.groupValues?.get(1).orEmpty()

    private fun screening(
        top: List<Int>,
        sampled: List<Int>,
        others: Int,
        pairs: List<Pair<Double?, Double?>>,
        rounding: Double,
    ): Screening {
        val ofTop = pairs.take(top.size)
        val ofSample = pairs.drop(top.size)
        return Screening(
            top = top,
            sampled = sampled,
            others = others,
            estimated = pairs.map { it.first },
            exact = pairs.map { it.second },
            ofSample = agreement(ofSample),
            ofTop = agreement(ofTop),
            missed = missed(ofTop.mapNotNull { it.second }, ofSample.mapNotNull { it.second }, rounding),
        )
    }

    private fun agreement(pairs: List<Pair<Double?, Double?>>): Agreement {
        val both = pairs.mapNotNull { (a, b) -> if (a == null || b == null) null else a to b }
        val signed = both.filter { (a, b) -> a != 0.0 && b != 0.0 }
        val squares = both.sumOf { it.first * it.first }
        val unsigned = sweep.by?.unsigned == true
        return Agreement(
            cells = both.size,
            rankCorrelation = RankCorrelation.of(both.map { abs(it.first) }, both.map { abs(it.second) }),
            sameSign = if (unsigned) 0 else signed.count { (a, b) -> sign(a) == sign(b) },
            signs = if (unsigned) 0 else signed.size,
            slope = if (unsigned || squares == 0.0) null else both.sumOf { it.first * it.second } / squares,
        )
    }

    private fun missed(
        top: List<Double>,
        sampled: List<Double>,
        rounding: Double,
    ): Missed? {
        if (top.isEmpty() || sampled.isEmpty()) return null
        val threshold = maxOf(top.minOf { abs(it) }, rounding)
        val above = sampled.count { abs(it) > threshold }
        return Missed(threshold, above, sampled.size, Shares.atMost(above, sampled.size, LEVEL), LEVEL)
    }

    private companion object {
        const val LEVEL = 0.95
        val LAYER = Regex("^blocks\\.(\\d+)\\.")
    }
}
