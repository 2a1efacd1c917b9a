package dev.kausal.run.sweep

import dev.kausal.engine.plan.CellOutcome
import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.inference.Inference
import dev.kausal.run.inputs.labelsAt
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Bfloat16Screening
import dev.kausal.spec.RunSpec
import kotlin.math.abs
import kotlin.math.sign

/** A sweep in bfloat16, [low], whose cells are replaced by those in float32 step by step. */
internal class Bfloat16Screen(
    private val low: ComputedSweep,
    private val sweeps: Sweeps,
    private val inference: Inference?,
) {
    private val sweep = low.request.sweep
    private val compiled = low.compiled
    private val count = checkNotNull(sweep.screen).top
    private val inBfloat16 = sweeps.result(low)
    private val changes = inBfloat16.changes

    /** Outcomes in float32 by their index in the plan: of unedited runs, and of cells computed again. */
    private val outcomes = HashMap<Int, CellOutcome>()
    private val again = LinkedHashMap<Int, Double?>()
    private var largest = 0.0
    private var largestOfExamples = 0.0

    /** Returns the sweep of these cells in float32. */
    fun asked(cells: List<Int>): SweepRequest {
        val labels = cells.map { sweep.axes.labelsAt(it).joinToString() }
        val part = sweep.copy(axes = listOf(AxisSpec("cell", labels)), cells = sweep.cells.slice(cells), screen = null)
        return low.request.copy(sweep = part)
    }

    /** Takes the float32 outcomes of [cells]. */
    fun take(
        cells: List<Int>,
        computed: ComputedSweep,
    ) {
        computed.compiled.baselines.forEach { (run, examples) ->
            compiled.baselines[run]?.zip(examples) { own, theirs ->
                own.zip(theirs) { a, b -> outcomes.putIfAbsent(a, computed.outcomes[b]) }
            }
        }
        compiled.grid.zip(computed.compiled.grid) { own, theirs ->
            cells.forEachIndexed { at, cell ->
                own[cell].zip(theirs[at]) { a, b -> outcomes[a] = computed.outcomes[b] }
            }
        }
        val exact = sweeps.result(computed)
        val exactChanges = exact.changes
        cells.forEachIndexed { at, cell ->
            again[cell] = exactChanges[at]
            largest = maxOf(largest, distance(changes[cell], exactChanges[at]))
        }
        inBfloat16.eachChange.zip(exact.eachChange) { a, b ->
            cells.forEachIndexed { at, cell -> largestOfExamples = maxOf(largestOfExamples, distance(a[cell], b[at])) }
        }
    }

    private fun distance(a: Double?, b: Double?): Double = if (a == null || b == null) 0.0 else abs(a - b)

    /** Returns the cells to compute in float32 next: the largest first, then those that differences may decide. */
    fun undecided(): List<Int> {
        val known = changes.indices.filter { changes[it] != null }
        val bySize = known.sortedByDescending { abs(sizeOf(it)) }
        if (again.isEmpty()) return bySize.take(count).sorted()
        val margin = MARGIN * largest
        val others = known - again.keys
        val last = bySize.take(count).minOfOrNull { abs(sizeOf(it)) } ?: 0.0
        val ranked = others.filter { abs(sizeOf(it)) + margin >= last }
        return (ranked + decided(others, margin)).distinct().sorted()
    }

    private fun sizeOf(cell: Int): Double = again[cell] ?: changes[cell] ?: 0.0

    /** Returns the cells of [others] whose verdict changes if all of them move by [margin] in either direction. */
    private fun decided(
        others: List<Int>,
        margin: Double,
    ): List<Int> {
        val inference = inference ?: return emptyList()
        val verdicts = listOf(-margin, 0.0, margin).map { shift -> verdicts(inference, shift) }
        return others.filter { cell -> verdicts.map { it[cell] }.distinct().size > 1 }
    }

    /** Returns of each cell the sign of a significant effect of at least the smallest that matters, else 0. */
    private fun verdicts(
        inference: Inference,
        shift: Double,
    ): List<Double> {
        val swept = sweeps.result(low, merged(shift))
        val result = swept.result(inference)
        val moved = swept.changes
        val effects = result.effect.ifEmpty { result.mean }
        return sweep.cells.indices.map { cell ->
            val significant = (result.pCorrected.getOrNull(cell) ?: 1.0) < 1 - inference.level
            val matters = abs(effects.getOrNull(cell) ?: 0.0) >= (result.smallest ?: 0.0)
            if (significant && matters) sign(moved[cell] ?: 0.0) else 0.0
        }
    }

    /** Returns the outcomes in float32 where there are some, and else bfloat16's changes of these, moved by [shift]. */
    private fun merged(shift: Double): List<CellOutcome> {
        val merged = low.outcomes.toMutableList()
        outcomes.forEach { (index, outcome) -> merged[index] = outcome }
        compiled.grid.forEachIndexed { example, row ->
            row.forEachIndexed { cell, indices ->
                if (cell !in again) {
                    val from = unedited(sweep.cells[cell].run, example)
                    indices.forEachIndexed { i, index ->
                        val base = from?.let { it[i % it.size] }
                        val moved = base?.let { (outcomes[it] ?: low.outcomes[it]).value() - low.outcomes[it].value() }
                        merged[index] = low.outcomes[index].movedBy((moved ?: 0.0) + shift / indices.size)
                    }
                }
            }
        }
        return merged
    }

    private fun unedited(
        run: RunSpec,
        example: Int,
    ): List<Int>? = compiled.baselines[run]?.get(example)?.takeIf { it.isNotEmpty() }

    private fun CellOutcome.movedBy(change: Double) = CellOutcome(value() + change, fired(), largestChange(), size())

    /** Returns the result, once nothing is undecided. */
    fun result(): SweepResult {
        val top = again.keys.sortedByDescending { abs(sizeOf(it)) }.take(count)
        val places = top + (again.keys - top.toSet()).sorted()
        return sweeps.result(low, merged(0.0)).also {
            it.bfloat16 = Bfloat16Screening(
                top,
                places.drop(top.size),
                places.map { cell -> changes[cell] },
                places.map { cell -> again[cell] },
                largest,
                largestOfExamples,
            )
        }
    }

    private companion object {
        /** The largest difference of all cells may be larger than that of those computed again. */
        const val MARGIN = 2.0
    }
}
