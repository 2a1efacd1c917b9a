package dev.kausal.run.sweep

import dev.kausal.engine.exec.NonFinite
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.run.context.CompiledSweep
import dev.kausal.run.inputs.labelsAt
import dev.kausal.spec.Audit
import dev.kausal.spec.CellAudit
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.SweepSpec

/** What the outcomes of a sweep's cells say besides values: edits that fired, changes, numbers that are not finite. */
internal class OutcomeAudit(
    private val sweep: SweepSpec,
    private val contrasts: List<ContrastSpec>,
    private val compiled: CompiledSweep,
    private val outcomes: List<CellOutcome>,
    private val terms: Int,
    private val firstNonFinite: (Int) -> NonFinite?,
) {
    /** The audit of each cell. */
    val cells: CellAudit = cellAudit()

    /** The audit over all cells. */
    val all: Audit =
        Audit(
            cells = compiled.grid.sumOf { row -> row.count { it.isNotEmpty() } },
            fired = cells.fired.sum(),
            unchanged = cells.unchanged.sum(),
            largestChange = cells.largestChange.maxOrNull() ?: 0.0,
        )

    private fun unchanged(cells: List<Int>): Boolean =
        cells.isNotEmpty() && cells.all { outcomes[it].unchanged(terms) }

    private fun cellAudit(): CellAudit {
        val fired = IntArray(sweep.cells.size)
        val unchanged = IntArray(fired.size)
        val largest = DoubleArray(fired.size) { Double.NEGATIVE_INFINITY }
        for (row in compiled.grid) {
            for (cell in fired.indices) {
                val indices = row[cell]
                if (unchanged(indices)) unchanged[cell]++
                for (index in indices) {
                    val outcome = outcomes[index]
                    fired[cell] += outcome.fired()
                    largest[cell] = maxOf(largest[cell], outcome.largestChange())
                }
            }
        }
        for (cell in largest.indices) if (largest[cell] == Double.NEGATIVE_INFINITY) largest[cell] = 0.0
        return CellAudit(fired.asList(), unchanged.asList(), largest.asList())
    }

    /** Returns the notes on unedited runs and cells with NaN or infinity, and where the first of them began. */
    fun notFinite(): List<String> {
        val runs =
            compiled.baselines.mapNotNull { (run, examples) ->
                notFinite("${run.label} runs", examples.size, { examples[it] }) { "'${contrasts[it].label}'" }
            }
        val width = sweep.cells.size
        val cells =
            notFinite("cells", contrasts.size * width, { compiled.grid[it / width][it % width] }) {
                val labels = sweep.axes.labelsAt(it % width)
                (labels + "'${contrasts[it / width].label}'").joinToString()
            }
        return runs + listOfNotNull(cells)
    }

    private fun notFinite(
        what: String,
        count: Int,
        planned: (Int) -> List<Int>,
        name: (Int) -> String,
    ): String? {
        var first = -1
        var bad = 0
        var computed = 0
        for (index in 0 until count) {
            val cells = planned(index)
            if (cells.isNotEmpty()) computed++
            if (cells.none(::isNotFinite)) continue
            if (bad++ == 0) first = index
        }
        if (bad == 0) return null
        val found = firstNonFinite(planned(first).first(::isNotFinite))
        val where =
            found?.let { "starts at ${it.point().name()}, where ${it.values()} of ${it.of()} values are not finite" }
                ?: "comes from the metric: all activations are finite"
        return "$bad of $computed $what are NaN or infinite and count as missing. " +
            "The first, ${name(first)}, $where."
    }

    private fun isNotFinite(cell: Int) = !outcomes[cell].value().isFinite()
}
