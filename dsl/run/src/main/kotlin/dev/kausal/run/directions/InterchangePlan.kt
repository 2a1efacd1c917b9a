package dev.kausal.run.directions

import dev.kausal.engine.edits.Edit
import dev.kausal.engine.edits.FromRun
import dev.kausal.engine.edits.Part
import dev.kausal.engine.edits.Replacement
import dev.kausal.engine.edits.Subspace
import dev.kausal.engine.edits.SubspaceFromRun
import dev.kausal.engine.plan.Cell
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.run.inputs.EngineInputs
import dev.kausal.run.inputs.metric
import dev.kausal.run.inputs.rows
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.MetricSpec

/**
 * What the outputs are after an interchange.
 *
 * @property margin largest logit of the answers minus that of the foils
 * @property difference logit difference
 */
internal class Interchanged(
    val margin: Double,
    val difference: Double,
) {
    /** Returns the same measured on exchanged labels, if they are [exchanged]. */
    fun on(exchanged: Boolean): Interchanged = if (exchanged) Interchanged(-margin, -difference) else this

    /** 1 if an answer is the most likely of answers and foils, else 0; null if the outputs are not finite. */
    val right: Double? get() = if (margin.isFinite()) (if (margin > 0) 1.0 else 0.0) else null
}

/** Interchanges at one hook point of the contrasts of [spec], as one plan: their runs are all corrupted and clean prompts. */
internal class InterchangePlan(
    private val spec: SearchSettings,
    private val site: String,
    private val examples: List<ContrastSpec>,
    inputs: EngineInputs,
) {
    private val runs =
        examples.flatMap {
            listOf(inputs.run(checkNotNull(it.corrupted), emptyList()), inputs.run(it.clean, emptyList()))
        }
    private val cells = mutableListOf<Cell>()

    /** The plan of the interchanges so far. */
    val plan: SweepPlan get() = SweepPlan(runs, cells)

    /** Adds an interchange in contrast number [example] and returns its number; none is made if [swap] returns null. */
    fun add(
        example: Int,
        swap: (FromRun) -> Replacement?,
    ): Int {
        val contrast = examples[example]
        val base = checkNotNull(contrast.corrupted)
        val other = FromRun(2 * example + 1, spec.vectors.at.rows(contrast.clean))
        val edit = swap(other)?.let { Edit(site, spec.vectors.at.rows(base), Part.ALL, it) }
        for (measured in MEASURED) {
            val metric = contrast.metric(measured, { error("no divergence") }, { error("no function") })
            cells += Cell(2 * example, listOfNotNull(edit), metric)
        }
        return cells.size / MEASURED.size - 1
    }

    /** Returns what the interchanges lead to, in the order of their numbers. */
    fun read(outcomes: List<CellOutcome>): List<Interchanged> =
        outcomes.chunked(MEASURED.size).map { (margin, difference) -> Interchanged(margin.value(), difference.value()) }

    companion object {
        private val MEASURED = listOf(MetricSpec.Accuracy, MetricSpec.LogitDifference)

        /** Returns what exchanges the component in the span of [basis]. */
        fun component(basis: List<DoubleArray>): (FromRun) -> Replacement {
            val subspace = Subspace.of(basis.map { vector -> vector.map { it.toFloat() } })
            return { SubspaceFromRun(it, subspace) }
        }
    }
}
